package dashboard

import (
	"fmt"
	"mime"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/iec"
)

// artefactRoute has the content of one artefact; its name may have slashes.
const artefactRoute = "/api/v1/runs/:run/artefacts/:step/*"

// pictureTypes are shown in pages.
var pictureTypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif"}

// safeTypes are sent as what they are: a browser runs nothing in them. Everything else is a file to be saved.
var safeTypes = append([]string{"application/json", "text/plain", "text/csv"}, pictureTypes...)

// mediaType is that of an artefact without its parameters, "" if it cannot be read.
func mediaType(a experiments.ArtefactInfo) string {
	media, _, err := mime.ParseMediaType(a.Media)
	if err != nil {
		return ""
	}
	return media
}

func (s *Server) apiArtefacts(r request) (response, error) {
	run, err := s.run(r.Context(), r.Param("run"))
	if err != nil {
		return nil, err
	}
	made, err := s.Source.Artefacts(r.Context(), run.ID)
	return answer("artefacts", made), err
}

// apiArtefact answers with the content of an artefact.
func (s *Server) apiArtefact(r request) (response, error) {
	step, err := strconv.ParseInt(r.Param("step"), 10, 64)
	if err != nil || step < 0 {
		return nil, badRequest("artefact: want a step of at least 0, got %q", r.Param("step"))
	}
	run, err := s.run(r.Context(), r.Param("run"))
	if err != nil {
		return nil, err
	}
	a, err := s.artefact(r.Context(), run.ID, r.Param("*"), step)
	if err != nil {
		return nil, err
	}
	media := mediaType(a.ArtefactInfo)
	if !slices.Contains(safeTypes, media) {
		return body{Type: "application/octet-stream", Name: fmt.Sprintf("%s-%d-%s", short(run.ID), step, a.Name), Bytes: a.Data}, nil
	}
	if strings.HasPrefix(media, "text/") {
		media += "; charset=utf-8"
	}
	return body{Type: media, Bytes: a.Data}, nil
}

// artefactPath is where an artefact's content is found. Slashes in its name are kept where they read well.
func artefactPath(run string, a experiments.ArtefactInfo) string {
	name := url.PathEscape(a.Name)
	if path.Clean("/"+a.Name) == "/"+a.Name { // nothing that a browser would shorten
		name = strings.ReplaceAll(name, "%2F", "/")
	}
	return fmt.Sprintf("/api/v1%s/artefacts/%d/%s", runPath(run), a.Step, name)
}

// picture is an artefact shown in the page.
type picture struct{ Href, Text string }

// picturesAtOnce is how many pictures the page of a run shows; the table has them all.
const picturesAtOnce = 24

// pictures are the newest of each name.
func pictures(run string, made []experiments.ArtefactInfo) []picture {
	newest := map[string]int64{}
	for _, a := range made {
		newest[a.Name] = a.Step // they come in the order of steps
	}
	var list []picture
	for _, a := range made {
		if len(list) < picturesAtOnce && newest[a.Name] == a.Step && slices.Contains(pictureTypes, mediaType(a)) {
			list = append(list, picture{artefactPath(run, a), a.Name + ", step " + grouped(a.Step)})
		}
	}
	return list
}

func artefactTable(run string, made []experiments.ArtefactInfo) table {
	t := table{Name: run + "-artefacts", Columns: []column{{Key: "name", Title: "Name"}, {Key: "step", Title: "Step", Class: "number"},
		{Key: "kind", Title: "Kind"}, {Key: "media", Title: "Media type"}, {Key: "bytes", Title: "Size", Class: "number"}}}
	for _, a := range made {
		t.Rows = append(t.Rows, row{Key: a.Name, Cells: []cell{{Text: a.Name, Href: artefactPath(run, a)},
			numeric(grouped(a.Step), a.Step), text(a.Kind), text(a.Media), numeric(iec.Bytes(a.Bytes), a.Bytes)}})
	}
	return t
}
