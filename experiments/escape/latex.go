package escape

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// inLaTeX is how ASCII characters are written that LaTeX does not take for themselves: its own ten, those that begin an
// argument, and those that its oldest font encoding has no letter for.
var inLaTeX = map[rune]string{
	'\\': `\textbackslash{}`, '{': `\{`, '}': `\}`, '%': `\%`, '&': `\&`, '#': `\#`, '_': `\_`, '$': `\$`,
	'~': `\textasciitilde{}`, '^': `\textasciicircum{}`, '<': `\textless{}`, '>': `\textgreater{}`, '|': `\textbar{}`,
	'"': `\symbol{34}`, '`': `\textasciigrave{}`,
	'[': `{[}`, ']': `{]}`, '*': `{*}`, // behind the end of a line, "[" and "*" are its arguments
}

// doubled are characters two of which are another one.
const doubled = "-,'"

// mathematics has the characters beyond ASCII that pdfLaTeX writes as mathematics, or that it has another word for.
var mathematics = pairs(`± \pm|× \times|÷ \div|− -|· \cdot|° ^\circ|² ^2|³ ^3|¹ ^1|∞ \infty|≤ \le|≥ \ge|≠ \ne|≈ \approx|≡ \equiv|`+
	`∈ \in|∑ \sum|∏ \prod|√ \surd|∂ \partial|∇ \nabla|→ \to|← \leftarrow|↔ \leftrightarrow|⇒ \Rightarrow|⊕ \oplus|⊗ \otimes|⊘ \oslash|`+
	`∘ \circ|∙ \cdot|⋅ \cdot|▲ \bigtriangleup|▼ \bigtriangledown|▶ \triangleright|✓ \surd|✗ \times|‖ \Vert|′ '|`+
	`α \alpha|β \beta|γ \gamma|δ \delta|ε \varepsilon|ζ \zeta|η \eta|θ \theta|ι \iota|κ \kappa|λ \lambda|μ \mu|µ \mu|ν \nu|ξ \xi|`+
	`π \pi|ρ \rho|σ \sigma|τ \tau|υ \upsilon|φ \varphi|χ \chi|ψ \psi|ω \omega|Γ \Gamma|Δ \Delta|Θ \Theta|Λ \Lambda|Ξ \Xi|Π \Pi|`+
	`Σ \Sigma|Φ \Phi|Ψ \Psi|Ω \Omega`, "$", "$")

var words = pairs("– --|— ---|… \\ldots{}|\u00a0 ~|\u202f \\,|\u2009 \\,|‘ `{}|’ '{}|“ ``{}|” ''{}", "", "")

func pairs(list, before, behind string) map[rune]string {
	all := map[rune]string{}
	for pair := range strings.SplitSeq(list, "|") {
		r, size := utf8.DecodeRuneInString(pair)
		all[r] = before + pair[size+1:] + behind
	}
	return all
}

// withoutLetter are characters of Latin Extended-A that the encoding T1 has no letter for.
const withoutLetter = "ĦħĸĿŀŉŦŧſ"

// LaTeX is a text within a line or a cell of a table of LaTeX, as pdfLaTeX takes it without any package; letters beyond
// ASCII need the font encoding T1. A character that it cannot set is named by its number, as in "[U+4E2D]". A line end
// is a space.
func LaTeX(s string) string {
	var b strings.Builder
	runes := []rune(Text(strings.ReplaceAll(s, "\n", " ")))
	for i, r := range runes {
		escaped, special := inLaTeX[r]
		if !special {
			escaped, special = mathematics[r]
		}
		if !special {
			escaped, special = words[r]
		}
		switch {
		case special:
			b.WriteString(escaped)
		case strings.ContainsRune(doubled, r) && i+1 < len(runes) && runes[i+1] == r:
			b.WriteString(string(r) + "{}")
		case r < utf8.RuneSelf, r >= 'À' && r <= 'ſ' && !strings.ContainsRune(withoutLetter, r), r > 0xa0 && r < 'À':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "{[}U+%04X{]}", r)
		}
	}
	return b.String()
}
