package dashboard

import (
	"bytes"
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
}

func (s *Server) page(name, title string, view any) htmlPage {
	f := frame{Title: title, Section: name, Version: s.Version["version"], View: view}
	return htmlPage{s.pages[name], http.StatusOK, f}
}

func (p htmlPage) withStatus(code int) htmlPage { p.status = code; return p }

func (p htmlPage) watching(what string) htmlPage { p.frame.Watch = what; return p }

// within marks the entry of the navigation the page belongs to.
func (p htmlPage) within(section string) htmlPage { p.frame.Section = section; return p }

func (p htmlPage) send(w http.ResponseWriter, r *http.Request) error {
	var b bytes.Buffer
	if err := p.template.ExecuteTemplate(&b, "layout", p.frame); err != nil {
		return fmt.Errorf("page %s: %w", p.frame.Section, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(p.status)
	_, err := w.Write(escape.HTML(b.Bytes()))
	return err
}

// body is a complete answer of any type. Name offers it as a file.
type body struct {
	Type, Name string
	Bytes      []byte
}

func (b body) send(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", b.Type)
	w.Header().Set("Cache-Control", "no-cache")
	if b.Name != "" {
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, safeName(b.Name)))
	}
	_, err := w.Write(b.Bytes)
	return err
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

func (to redirection) send(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, string(to), http.StatusFound)
	return nil
}

func redirectTo(path string) action {
	return func(request) (response, error) { return redirection(path), nil }
}

func (s *Server) healthy(r request) (response, error) {
	if _, err := s.Source.LastChange(r.Context()); err != nil {
		return nil, err
	}
	return body{Type: "text/plain; charset=utf-8", Bytes: []byte("ok\n")}, nil
}
