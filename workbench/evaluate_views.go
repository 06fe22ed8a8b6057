package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/answers"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/data/testtime"
	"workbench/experiments/train"
)

// seeingFlags are those that say in what form images are seen.
func seeingFlags(cmd *cobra.Command, e *evaluation) {
	flags := cmd.Flags()
	flags.StringVar(&e.views, "views", "", "see every image in several `VIEWS`, by the mean of the probabilities: "+
		strings.Join(testtime.Names(), ", "))
	flags.IntVar(&e.crop, "crop", 0, "`PIXELS` of a side of the crops of --views (0: 7/8 of the image's, or dataset.size of photographs)")
	flags.StringSliceVar(&e.corruption, "corruption", nil, "measure on spoilt images, too: `NAME[:STRENGTH]` of all, "+
		strings.Join(corrupt.Names(), ", "))
	complete(cmd, "views", testtime.Names)
	complete(cmd, "corruption", corrupt.Names)
}

// checkViews says what of an evaluation does not go with views.
func (e *evaluation) checkViews() error {
	switch {
	case e.views == "" && e.crop != 0:
		return usagef("--crop is the side of the crops of --views")
	case e.views == "":
		return nil
	case e.readsFeatures():
		return usagef("--views puts answers together, and %v read features; want one or the other", e.with)
	case e.latency:
		return usagef("--latency times one image, of which --views makes several; want one or the other")
	}
	_, err := testtime.Lookup(e.views)
	if err != nil {
		return usagef("--views: %w", err)
	}
	return nil
}

// see opens what is asked: the network as it is, or one that sees every image in several ways.
func (m *examined) see(e evaluation) error {
	if m.looker = m.net; e.views == "" {
		return nil
	}
	scheme, err := testtime.Lookup(e.views)
	if err != nil {
		return err
	}
	views, err := scheme.Views(m.set, e.crop)
	if err != nil {
		return usagef("--views: %w", err)
	}
	info := m.set.Info()
	nets := map[[2]int]*train.Network{{info.Height, info.Width}: m.net}
	var several answers.Views
	for _, v := range views {
		size := [2]int{v.Height, v.Width}
		if nets[size] == nil {
			if nets[size], err = m.opened(e, v.Of(m.set).Info()); err != nil {
				return fmt.Errorf("view %s, images of %d×%d: %w", v.Name, v.Height, v.Width, err)
			}
			m.others = append(m.others, nets[size])
		}
		several = append(several, answers.Seeing{Name: v.Name, Net: nets[size], Of: v.Of})
	}
	m.looker, m.views = several, fmt.Sprintf("%s %d×%d", e.views, views[0].Height, views[0].Width)
	if !scheme.Crops {
		m.views = e.views
	}
	return nil
}
