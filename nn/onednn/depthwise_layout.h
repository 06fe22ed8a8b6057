// Where a block of channels lies in an image, for vectors of B floats. Included once for each width.

// Elements between neighbouring pixels of a block of channels, and between blocks of `area` pixels.
INLINE int64_t NAME(step)(const wb_depthwise_shape *s) { return s->last ? s->c : B; }
INLINE int64_t NAME(apart)(const wb_depthwise_shape *s, int64_t area) { return s->last ? B : area * B; }
