package dashboard

import "workbench/experiments"

// versionView is one version in the switch of a study's page.
type versionView struct {
	Name, Href, Label string
	Shown             bool
	Done, Total       int
}

// versionsOf are the versions of a study, none if it has only one. The one that stands for definitions that were not
// kept has no page; its runs are listed.
func versionsOf(info experiments.StudyInfo) []versionView {
	if len(info.Versions) < 2 {
		return nil
	}
	var views []versionView
	for _, v := range info.Versions {
		ref := experiments.Version(info.Study.Name, v.Number)
		view := versionView{Name: ref, Href: studyPath(ref), Label: v.Label, Shown: v.Number == info.Version, Done: v.Counts[experiments.Done]}
		if _, view.Total = shares(v.Counts); v.Current {
			view.Href = studyPath(info.Study.Name)
		}
		if v.Number == 0 {
			view.Href = runsOf(ref)
		}
		views = append(views, view)
	}
	return views
}

// runsRef names the version for a list of its runs: a bare name lists those of all versions.
func runsRef(info experiments.StudyInfo) string {
	if len(info.Versions) > 1 {
		return info.Ref()
	}
	return info.Study.Name
}
