package store

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"syscall"
)

// unbegun tells whether a process was stopped while it made the database, before there was a table. SQLite then leaves
// a rollback journal (sqlite.org/fileformat2.html, section 3), and takes back what was done when the file is next
// opened for writing. The journal says how many pages there were before: none or one, which is too few for a table. A
// file that has more by now is another one, and would be cut to that.
func unbegun(path string) bool {
	f, err := os.OpenFile(path+"-journal", os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	var h struct {
		Magic                               [8]byte // zero until the journal is on disk
		Records, Nonce, Pages, Sector, Size uint32
	}
	if binary.Read(io.LimitReader(f, 28), binary.BigEndian, &h) != nil {
		return false
	}
	known := h.Magic == [8]byte{} || bytes.Equal(h.Magic[:], journalMagic)
	return known && h.Pages <= 1 && h.Size >= 512 && sizeOf(path) <= int64(h.Size)
}

var journalMagic = []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}
