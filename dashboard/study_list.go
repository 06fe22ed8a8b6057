package dashboard

import (
	"net/url"
	"sort"

	"workbench/experiments"
)

type studiesView struct {
	Studies []studyCard
	Empty   emptyView
}

// emptyView is one sentence and the commands to copy.
type emptyView struct {
	Says     string
	Commands []string
}

type studyCard struct {
	Name, Title, Href string
	Share             []share
	Done, Total       int
	Factors           string
	Changed           string // what the version changed of the study's first one
	Earlier           int    // other versions
	Updated           moment
	Running           int
	Failed, Diverged  int
	Blocked           int
}

// share is one state's part of a progress bar; Count runs of all.
type share struct {
	Status experiments.Status
	Count  int
	X, W   float64 // per cent of the bar
}

func studyPath(name string) string { return "/studies/" + url.PathEscape(name) }

func (s *Server) studiesPage(r request) (response, error) {
	studies, err := s.Source.Studies(r.Context())
	if err != nil {
		return nil, err
	}
	sort.SliceStable(studies, func(i, j int) bool { return studies[i].Updated.After(studies[j].Updated) })
	v := studiesView{Empty: emptyView{"This database holds no study yet. Train the one that ships with the program " +
		"(about two minutes on two cores):",
		[]string{s.Program.On("run", "quickstart")}}}
	for _, info := range studies {
		v.Studies = append(v.Studies, cardOf(info))
	}
	if answer, err := studiesTable(v.Studies).exports().answer(r.URL.Query()); answer != nil || err != nil {
		return answer, err
	}
	return s.page("studies", "Studies", v).watching("all"), nil
}

func cardOf(info experiments.StudyInfo) studyCard {
	c := studyCard{
		Name: info.ShortRef(), Title: info.Study.Title, Href: studyPath(info.ShortRef()), Updated: at(info.Updated),
		Done: info.Counts[experiments.Done], Running: info.Counts[experiments.Running], Failed: info.Counts[experiments.Failed],
		Diverged: info.Counts[experiments.Diverged], Blocked: info.Counts[experiments.Blocked],
	}
	c.Share, c.Total = shares(info.Counts)
	c.Factors = factorsText(info.Study)
	if info.Current() {
		c.Changed, c.Earlier = info.Label(), len(info.Versions)-1
	}
	return c
}

func shares(counts map[experiments.Status]int) (list []share, total int) {
	for _, n := range counts {
		total += n
	}
	x := 0.0
	for _, state := range statuses {
		if n := counts[state]; n > 0 {
			w := 100 * float64(n) / float64(total)
			list = append(list, share{state, n, x, w})
			x += w
		}
	}
	return list, total
}

// factorsText is the design in one line: "shortcut (2) × depth (2) × 3 seeds".
func factorsText(s experiments.Study) string {
	t := ""
	for _, f := range s.Factors {
		t += f.Name + " (" + digits(float64(len(f.Levels)), 6) + ") × "
	}
	if len(s.Seeds) == 1 {
		return t + "1 seed"
	}
	return t + digits(float64(len(s.Seeds)), 6) + " seeds"
}

func studiesTable(cards []studyCard) table {
	t := table{Name: "studies", Key: "studies", Columns: []column{{Key: "study", Title: "Study"}, {Key: "title", Title: "Title"},
		{Key: "done", Title: "Done", Class: "number"}, {Key: "total", Title: "Runs", Class: "number"}, {Key: "updated", Title: "Updated"}}}
	for _, c := range cards {
		t.Rows = append(t.Rows, row{Cells: []cell{text(c.Name), text(c.Title), numeric(digits(float64(c.Done), 9), c.Done),
			numeric(digits(float64(c.Total), 9), c.Total), timed(c.Updated)}})
	}
	return t
}
