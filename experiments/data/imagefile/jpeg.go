package imagefile

import "runtime"

// JPEG says which decoder reads JPEG files. Others round otherwise.
var JPEG = "image/jpeg of " + runtime.Version()
