package figure

import (
	"fmt"
	"math"
	"strings"

	"workbench/dashboard/outline"
)

// Network is the diagram of a network's blocks.
type Network struct {
	Title string
	Image string // what enters: "3×224×224"
	Width float64
}

const (
	framePadding = 9.0
	between      = 32.0 // blocks, with the shape that goes on
	gutter       = 30.0 // columns
)

// framed is a block and its place. Its frame reaches so far to the left and right of where it is entered.
type framed struct {
	outline.Block
	layout
	left, right float64
	at          point // where it is entered, in the middle of its upper edge
}

// column of blocks that are entered under one another.
type column struct {
	blocks      []framed
	left, right float64 // of all
	edge        float64 // its right edge in the drawing
}

func frame(b outline.Block) framed {
	f := framed{Block: b, layout: arrange(b)}
	entry := f.slots[0].at.x
	f.left = math.Max(entry-f.layout.left+framePadding, 6.8*float64(len([]rune(f.name())))+20) // the arrow runs beside the name
	f.right = math.Max(f.layout.right-entry+framePadding, 46)
	return f
}

// Draw the blocks under one another in as many columns as the width allows and the height asks for.
func (n Network) Draw(blocks []outline.Block) string {
	all := make([]framed, len(blocks))
	total := 0.0
	for i, b := range blocks {
		all[i] = frame(b)
		total += all[i].height + between
	}
	k := int(math.Max(1, math.Min(4, math.Round(total/560))))
	columns := columnsOf(all, total, k)
	for ; k > 1 && width(columns) > n.Width; k-- {
		columns = columnsOf(all, total, k-1)
	}
	size := stack(columns)
	c := &canvas{}
	c.open(size.x, size.y, n.Title)
	carried := n.Image
	var last framed
	for i, column := range columns {
		for j, f := range column.blocks {
			switch {
			case i == 0 && j == 0:
				c.path([]point{{f.at.x, 20}, f.at})
				c.text("note", "middle", f.at.x, 14, n.Image)
			case j == 0:
				end, x := last.exit(), columns[i-1].edge+gutter/2
				c.path([]point{end, {end.x, end.y + 12}, {x, end.y + 12}, {x, 14}, {f.at.x, 14}, f.at})
				c.text("note", "start", f.at.x+8, f.at.y-8, carried)
			default:
				end := last.exit()
				c.path([]point{end, {end.x, end.y + 8}, {f.at.x, end.y + 8}, f.at})
				c.text("note", "start", math.Max(f.at.x, end.x)+8, f.at.y-8, carried)
			}
			c.block(f)
			last, carried = f, sizes(f.Out)
		}
	}
	if len(all) > 0 {
		end := last.exit()
		c.arrow([]point{end, {end.x, end.y + 22}})
		c.text("note", "middle", end.x, end.y+36, carried)
	}
	return c.close()
}

// exit is where the block is left, on its lower edge.
func (f framed) exit() point {
	return point{f.at.x + f.slots[len(f.Boxes)+1].at.x - f.slots[0].at.x, f.at.y + f.height}
}

// name of the block, with both ends if it occurs several times.
func (f framed) name() string {
	if f.First == f.Last {
		return f.First
	}
	return f.First + " – " + f.Last[strings.LastIndexByte(f.Last, '.')+1:]
}

func sizes(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = fmt.Sprint(n)
	}
	return strings.Join(parts, "×")
}

// columnsOf about equal height, k of them or fewer.
func columnsOf(all []framed, total float64, k int) []*column {
	columns := []*column{{}}
	height := 0.0
	for _, f := range all {
		if h := f.height + between; len(columns) < k && height > 0 && height+h/2 > total/float64(k) {
			columns = append(columns, &column{})
			height = 0
		}
		last := columns[len(columns)-1]
		last.blocks = append(last.blocks, f)
		last.left, last.right = math.Max(last.left, f.left), math.Max(last.right, f.right)
		height += f.height + between
	}
	return columns
}

func width(columns []*column) float64 {
	sum := -gutter
	for _, c := range columns {
		sum += c.left + c.right + gutter
	}
	return sum
}

// stack gives every block its place and returns the size of the whole.
func stack(columns []*column) point {
	x, lowest := 4.0, 0.0
	for _, c := range columns {
		y := 40.0
		for i := range c.blocks {
			c.blocks[i].at = point{x + c.left, y}
			y += c.blocks[i].height + between
		}
		x += c.left + c.right
		c.edge = x
		x, lowest = x+gutter, math.Max(lowest, y)
	}
	return point{math.Max(x-gutter+4, 120), lowest + 12}
}

func (c *canvas) block(f framed) {
	fmt.Fprintf(c, `<rect class="frame" fill="#f0f3f6" stroke="%s" x="%s" y="%s" width="%s" height="%s" rx="7"/>`,
		gridColour, px(f.at.x-f.left), px(f.at.y), px(f.left+f.right), px(f.height))
	c.text("note", "start", f.at.x-f.left+9, f.at.y+15, f.name())
	if f.Times > 1 {
		fmt.Fprintf(c, `<text class="label" fill="#1f2933" font-weight="700" font-size="13" text-anchor="end" x="%s" y="%s">×%d</text>`,
			px(f.at.x+f.right-9), px(f.at.y+15), f.Times)
	}
	shift := point{f.at.x - f.slots[0].at.x, f.at.y}
	for i, s := range f.slots {
		for _, down := range s.down {
			c.branch(f.layout, i, down, shift)
		}
	}
	for _, s := range f.slots {
		if s.box >= 0 {
			c.box(s, shift)
		}
	}
}

func (c *canvas) box(s slot, shift point) {
	x, y := s.at.x+shift.x, s.at.y+shift.y
	class, radius := "box", 4.0
	if s.joins {
		class, radius = "box join", s.size.y/2
	}
	fmt.Fprintf(c, `<rect class="%s" fill="#ffffff" stroke="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`,
		class, greyColour, px(x-s.size.x/2), px(y), px(s.size.x), px(s.size.y), px(math.Min(radius, 12)))
	for i, line := range s.lines {
		c.text("label", "middle", x, y+boxPadding/2+lineHeight*(float64(i)+0.77), line)
	}
}

// branch draws the arrow between two slots of neighbouring ranks.
func (c *canvas) branch(l layout, from, to int, shift point) {
	a, b := l.slots[from], l.slots[to]
	points := []point{{a.at.x, a.at.y + a.size.y}}
	if a.passed() {
		points[0].y = l.gaps[a.rank].top
	}
	if math.Abs(a.at.x-b.at.x) >= 1 {
		y := l.gaps[a.rank].y(l.track(from, to))
		points = append(points, point{a.at.x, y}, point{b.at.x, y})
	}
	end := point{b.at.x, b.at.y}
	if b.passed() { // through the whole rank
		end.y = l.gaps[b.rank].top
	}
	points = append(points, end)
	for i := range points {
		points[i] = point{points[i].x + shift.x, points[i].y + shift.y}
	}
	if b.box < 0 {
		c.path(points)
		return
	}
	c.arrow(points)
}

func (c *canvas) path(points []point) {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%s%s %s", map[bool]string{true: "M", false: "L"}[i == 0], px(p.x), px(p.y))
	}
	fmt.Fprintf(c, `<path class="edge" fill="none" stroke="%s" stroke-width="1.2" d="%s"/>`, zeroColour, d.String())
}

// arrow whose last part leads down.
func (c *canvas) arrow(points []point) {
	c.path(points)
	tip := points[len(points)-1]
	fmt.Fprintf(c, `<path class="tip" fill="%s" d="M%s %sL%s %sL%s %sZ"/>`, zeroColour,
		px(tip.x), px(tip.y), px(tip.x-3.5), px(tip.y-6), px(tip.x+3.5), px(tip.y-6))
}
