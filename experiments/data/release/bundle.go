package release

import "strings"

// Bundle is what is fetched together: a data set, or a part of one that not everybody needs.
type Bundle struct {
	Name      string // by which it is fetched
	Folder    string // below the data folder: where its files lie afterwards
	Downloads []Download
	Site      string // a page about it, for people
	Licence   string // what its authors ask of those who use it; "": nothing that the page does not say
}

// Download is one file on a server.
type Download struct {
	Name  string   // of the file
	URLs  []string // where it is, the best first
	Bytes int64    // its length as it was when this was written, for the room it needs; what is right is the digest's to say
	Sum   string   // MD5 (32 hex digits) or SHA-256 (64) of it, as its authors published it

	// Members are the files that are wanted of an archive, which is unpacked; nil: the file itself is wanted.
	Members []string
	Room    int64 // bytes of what is unpacked
}

// Below is a download of a file from folders of servers.
func Below(name, sum string, bytes int64, folders ...string) Download {
	d := Download{Name: name, Sum: sum, Bytes: bytes}
	for _, f := range folders {
		d.URLs = append(d.URLs, strings.TrimSuffix(f, "/")+"/"+name)
	}
	return d
}

// Unpacked is a download of an archive of files with an ending.
func (d Download) Unpacked(files []File, ending string) Download {
	for _, f := range files {
		d.Members = append(d.Members, f.Name+ending)
		d.Room += f.Bytes
	}
	return d
}

// Get says in errors how to get the bundle.
func (b Bundle) Get() string {
	var what []string
	for _, d := range b.Downloads {
		kind := "MD5 "
		if len(d.Sum) == 64 {
			kind = "SHA-256 "
		}
		what = append(what, d.Name+" ("+kind+d.Sum+")")
	}
	return "workbench data fetch " + b.Name + " gets " + strings.Join(what, ", ") + " from " + b.Site
}
