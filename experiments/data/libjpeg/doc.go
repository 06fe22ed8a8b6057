// Package libjpeg decodes usual JPEG files with libjpeg-turbo, which takes less than half the time of Go's decoder.
// It is there in programs that are built with the tag libjpeg.
package libjpeg
