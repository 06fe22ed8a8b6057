package nn

// manner is how layers are added below a builder: under which root, and whether they are a copy of others.
type manner struct {
	mode   Mode
	root   string // path of the copy that the layers belong to; "": of the network itself
	shared bool   // a path that exists stands for the same parameter
	follow *Follow
	keeps  bool // statistics of a batch leave the running ones as they are
	groups int  // into which a batch norm divides the batch; 0 and 1: none
}

// Follow says how a copy of a part of the network follows it: after each step copy ← d·copy + (1 − d)·original, where
// the original has moved already (the momentum encoder of He et al. 2020, section 3.2; the mean teacher of Tarvainen
// and Valpola 2017). A copy starts as one.
type Follow struct {
	Decay Tensor // d, [1], from 0 to 1
	// Statistics lets the running statistics of the copy follow as well, as timm's average does. Else batch norms of
	// the copy keep statistics of their own, as those of MoCo, BYOL and solo-learn do.
	Statistics bool
}

// at is a builder with another manner.
func (b *Builder) at(change func(*manner)) *Builder {
	other := *b
	change(&other.manner)
	return &other
}

// Shared is a builder for which a path that exists stands for the same parameter. So the same layers may be added for
// several inputs: the sides of a contrastive loss, or several views of an image. The running statistics of a batch norm
// then move once for each input, in the order in which its layers were added, as PyTorch's do.
func (b *Builder) Shared() *Builder { return b.at(func(v *manner) { v.shared = true }) }

// Inference is a builder whose layers work as in inference, also in a graph for training: with running statistics,
// which they leave as they are, and without dropout. Its parameters move if a loss reaches them.
func (b *Builder) Inference() *Builder { return b.at(func(v *manner) { v.mode = Infer }) }

// KeepStatistics is a builder whose batch norms normalise with the statistics of the batch, as in training, and leave
// the running ones as they are: for images that shall not count there, such as unlabelled ones.
func (b *Builder) KeepStatistics() *Builder { return b.at(func(v *manner) { v.keeps = true }) }

// InGroups is a builder whose batch norms divide the batch into groups and normalise each by itself: image i belongs to
// group i mod n. It stands for the batches of n machines, which must not learn from one another (He et al. 2020,
// section 3.3). The running statistics are the mean over the groups.
func (b *Builder) InGroups(n int) *Builder { return b.at(func(v *manner) { v.groups = n }) }

// Follow is a builder for a copy of layers that follows them. The paths of the copy are those of the originals below
// the name: the original of "teacher.conv1.weight" is "conv1.weight". Its parameters get no gradient.
func (b *Builder) Follow(name string, how Follow) *Builder {
	return b.second(name, func(v *manner) { v.follow = &how })
}

// Twin is a builder for a second network with the same layers below the name, which starts with weights of its own and
// is trained as the first is. In a graph for inference it also stands for the copy of that name which Follow made in
// training: it is evaluated so.
func (b *Builder) Twin(name string) *Builder { return b.second(name, func(*manner) {}) }

// second is a builder at the root of another network.
func (b *Builder) second(name string, change func(*manner)) *Builder {
	return b.at(func(v *manner) {
		v.root, v.shared, v.follow = name, true, nil
		change(v)
	}).top()
}

// Copy is the name of the copy or second network that layers below b belong to; "": the network itself.
func (b *Builder) Copy() string { return b.root }

// top is the builder at the root of the network, or of the copy of it that b belongs to.
func (b *Builder) top() *Builder {
	other := *b
	other.path = b.root
	return &other
}

// Heads sets the prefix of the heads that are added from now on: the name of the phase that trains them.
func (b *Builder) Heads(prefix string) { b.heads = prefix }

// Head is a builder for a head of the network, or of the copy of it that b belongs to. Its path is the name behind the
// prefix of heads, so each phase has heads of its own while all share the layers of the network itself.
func (b *Builder) Head(name string) *Builder {
	top := b.top()
	if b.heads != "" {
		top = top.In(b.heads)
	}
	return top.In(name)
}

// Still says, before layers are added, which layers work as in inference, by the builder's path at which they are
// added; see Inference.
func (b *Builder) Still(still func(path string) bool) { b.still = still }

// moving reports whether layers at the builder's path work as in training.
func (b *Builder) moving() bool {
	return b.mode == Train && (b.still == nil || !b.still(b.path))
}
