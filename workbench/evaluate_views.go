package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/answers"
	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/data/testtime"
	"workbench/experiments/train"
)

// seeingFlags are those that say in what form images are seen, and where answers are told.
func seeingFlags(cmd *cobra.Command, e *evaluation) {
	flags := cmd.Flags()
	flags.StringVar(&e.views, "views", "", "see every image in several `VIEWS`, by the mean of the probabilities: "+
		strings.Join(testtime.Names(), ", "))
	flags.IntVar(&e.crop, "crop", 0, "`PIXELS` of a side of the crops of --views (0: 7/8 of the image's, or dataset.size of photographs)")
	flags.StringVar(&e.predictions, "predictions", "", "write the answer of every network to every image to this `FILE` (CSV)")
	flags.BoolVarP(&e.quiet, "quiet", "q", false, "no progress")
	flags.StringVar(&e.html, "html", "",
		"write what one network sees to this `FILE`: confusion, calibration, samples and mistakes with Grad-CAM, maps, features, filters")
	flags.StringVar(&e.place, "place", "", "with --html, the `PLACE` whose maps Grad-CAM weighs, such as layer3 (default: the last with maps)")
	flags.BoolVarP(&e.force, "force", "f", false, "replace the files of --predictions and --html if they are there")
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
		return usagef("--views puts answers together, and --with %s reads features; leave out --views to measure features, or --with",
			strings.Join(e.with, ","))
	case e.latency:
		return usagef("--latency times the pass of one image, of which --views makes several; leave out --views to time it, or --latency")
	}
	_, err := testtime.Lookup(e.views)
	if err != nil {
		return usagef("--views: %w", err)
	}
	return nil
}

// see opens what is asked: the network as it is, or one that sees every image in several ways.
func (m *examined) see(e evaluation) error {
	if m.looker = (watchedLooker{m.net, e.told}); e.views == "" {
		return nil
	}
	if _, larger := data.As[data.Originals](m.set); larger && len(e.uses) > 0 {
		return usageError{errors.New("--corruption spoils photographs in the size that networks get, and --views are taken of larger ones; " +
			"leave out one of them")}
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
		several = append(several, answers.Seeing{Name: v.Name, Net: watchedLooker{nets[size], e.told}, Of: v.Of})
	}
	m.ways = len(several)
	m.looker, m.views = several, fmt.Sprintf("%s %d×%d", e.views, views[0].Height, views[0].Width)
	if !scheme.Crops {
		m.views = e.views
	}
	return nil
}
