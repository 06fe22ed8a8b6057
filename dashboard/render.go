package dashboard

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"workbench/experiments/escape"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages are the templates by name, each with the layout and the partials around it.
type pages map[string]*template.Template

// parsePages reads templates/NAME.html as page NAME; files beginning with "_" are shared by all.
func parsePages(a *assets) (pages, error) {
	shared, err := template.New("").Funcs(template.FuncMap{
		"asset": a.url,
		"kv":    keyValues,
	}).ParseFS(templateFiles, "templates/_*.html")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	names, err := fs.Glob(templateFiles, "templates/[a-z]*.html")
	if err != nil {
		return nil, err
	}
	all := pages{}
	for _, name := range names {
		one, err := template.Must(shared.Clone()).ParseFS(templateFiles, name)
		if err != nil {
			return nil, fmt.Errorf("dashboard: %w", err)
		}
		all[strings.TrimSuffix(path.Base(name), ".html")] = one
	}
	return all, nil
}

// keyValues makes a map of its arguments, to hand several values to a partial.
func keyValues(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("key %v is no string", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// frame is what the layout shows around a page's own view.
type frame struct {
	Title   string
	Section string // which entry of the navigation is current
	Version string
	Watch   string // what the page listens to: "study=NAME", "run=ID", "all", "" for nothing
	View    any
}

// htmlPage is rendered completely before the first byte is sent, so that a failing template is an error page.
type htmlPage struct {
	template *template.Template
	status   int
	frame    frame
	base     basePath
}

func (s *Server) page(name, title string, view any) htmlPage {
	f := frame{Title: title, Section: name, Version: s.Version["version"], View: view}
	return htmlPage{s.pages[name], http.StatusOK, f, s.base}
}

func (p htmlPage) withStatus(code int) htmlPage { p.status = code; return p }

func (p htmlPage) watching(what string) htmlPage { p.frame.Watch = what; return p }

// within marks the entry of the navigation the page belongs to.
func (p htmlPage) within(section string) htmlPage { p.frame.Section = section; return p }

func (p htmlPage) pack() (parcel, error) {
	var b bounded
	if err := p.template.ExecuteTemplate(&b, "layout", p.frame); err != nil {
		return parcel{}, fmt.Errorf("page %s: %w", p.frame.Section, err)
	}
	return parcel{status: p.status, media: "text/html; charset=utf-8", body: p.base.links(escape.HTML(b.Bytes()))}, nil
}

// body is a complete answer of any type. Name offers it as a file.
type body struct {
	Type, Name string
	Bytes      []byte
}

func (b body) pack() (parcel, error) {
	p := parcel{media: b.Type, body: b.Bytes}
	if b.Name != "" {
		p.disposition = fmt.Sprintf(`attachment; filename="%s"`, safeName(b.Name))
	}
	return p, nil
}

// safeName keeps what every file system takes.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, s)
}

func svgBody(text string) body { return body{Type: "image/svg+xml", Bytes: []byte(text)} }

type redirection string

func (to redirection) pack() (parcel, error) {
	return parcel{status: http.StatusFound, location: string(to)}, nil
}

func redirectTo(path string) action {
	return func(request) (response, error) { return redirection(path), nil }
}
