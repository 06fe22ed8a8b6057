package data

import (
	"sync"

	"workbench/experiments/data/raster"
)

// cache keeps decoded pictures, the first that come, until its memory is full. Every picture is wanted once an epoch,
// so throwing one out for another would gain nothing. Its methods may be called from several goroutines.
type cache struct {
	lock sync.RWMutex
	left int64 // bytes
	kept map[place]raster.Image
}

// place of an image in a set.
type place struct {
	split Split
	i     int
}

// placeBytes is about what keeping a picture takes beside its pixels.
const placeBytes = 128

func newCache(bytes int64) *cache { return &cache{left: bytes, kept: map[place]raster.Image{}} }

// get copies a picture to m if it is kept.
func (c *cache) get(split Split, i int, m *raster.Image) bool {
	c.lock.RLock()
	kept, has := c.kept[place{split, i}]
	c.lock.RUnlock()
	if !has {
		return false
	}
	m.Reshape(kept.Channels, kept.Height, kept.Width)
	copy(m.Values, kept.Values)
	return true
}

// put keeps a copy of a picture if there is room.
func (c *cache) put(split Split, i int, m *raster.Image) {
	at, bytes := place{split, i}, int64(len(m.Values))+placeBytes
	if !c.reserve(at, bytes) {
		return
	}
	kept := *m
	kept.Values = append(make([]uint8, 0, len(m.Values)), m.Values...)
	c.lock.Lock()
	defer c.lock.Unlock()
	if _, has := c.kept[at]; has { // by another goroutine
		c.left += bytes
		return
	}
	c.kept[at] = kept
}

// reserve takes room for a picture that is not kept yet.
func (c *cache) reserve(at place, bytes int64) bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	if _, has := c.kept[at]; has || bytes > c.left {
		return false
	}
	c.left -= bytes
	return true
}
