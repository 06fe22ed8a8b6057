package dashboard

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// request is what an action sees of the framework.
type request struct {
	*http.Request
	Param func(name string) string // from the path, unescaped
}

// response is packed once its action has succeeded.
type response interface {
	pack() (parcel, error)
}

type action func(r request) (response, error)

// actions are the pages, figures and answers of the API, by their routes.
func (s *Server) actions() map[string]action {
	return map[string]action{
		"/":                                    redirectTo("/studies"),
		"/studies":                             s.studiesPage,
		"/studies/:study":                      s.studyPage,
		"/studies/:study/architectures":        s.architecturesPage,
		"/studies/:study/architectures.svg":    s.architecturesFigure,
		"/studies/:study/effects.svg":          s.effectsFigure,
		"/studies/:study/trend.svg":            s.trendFigure,
		"/studies/:study/curves.svg":           s.studyCurvesFigure,
		"/runs":                                s.runsPage,
		"/runs/:run":                           s.runPage,
		"/runs/:run/curves.svg":                s.runCurvesFigure,
		"/runs/:run/portrait":                  s.portraitPage,
		"/runs/:run/portrait/:figure":          s.portraitFigure,
		"/compare":                             s.comparePage,
		"/compare/curves.svg":                  s.compareCurvesFigure,
		"/claims":                              s.claimsPage,
		"/claims/:claim":                       s.claimPage,
		"/models":                              s.modelsPage,
		"/models/bubbles.svg":                  s.modelBubbles,
		"/models/compare":                      s.modelsComparePage,
		"/models/:model":                       s.modelPage,
		"/models/:model/costs.svg":             s.modelCosts,
		"/models/:model/diagram.svg":           s.modelDiagram,
		"/api/v1/models":                       s.apiModels,
		"/api/v1/models/:model":                s.apiModel,
		"/api/v1/studies":                      s.apiStudies,
		"/api/v1/studies/:study":               s.apiStudy,
		"/api/v1/studies/:study/curves":        s.apiStudyCurves,
		"/api/v1/studies/:study/ablation":      s.apiAblation,
		"/api/v1/studies/:study/architectures": s.apiArchitectures,
		"/api/v1/runs":                         s.apiRuns,
		"/api/v1/runs/:run":                    s.apiRun,
		"/api/v1/runs/:run/curves":             s.apiRunCurves,
		"/api/v1/runs/:run/artefacts":          s.apiArtefacts,
		"/api/v1/runs/:run/portrait":           s.apiPortrait,
		artefactRoute:                          s.apiArtefact,
		"/api/v1/series":                       s.apiSeries,
		"/api/v1/compare/curves":               s.apiCompareCurves,
	}
}

// routes is the table of everything that is served.
func (s *Server) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect() // never from headers a client can write
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if !c.Response().Committed {
			s.fail(c.Response(), c.Request(), fromEcho(err))
		}
	}
	e.Use(s.observe, s.recovered)
	e.Use(middleware.BodyLimit("64K"))

	for path, a := range s.actions() {
		e.GET(path, s.adapt(a))
		e.HEAD(path, s.adapt(a))
	}
	e.GET("/events", echo.WrapHandler(http.HandlerFunc(s.events)))
	e.GET("/metrics", echo.WrapHandler(s.metrics.handler()))
	e.GET("/healthz", s.atOnce(s.healthy))
	e.GET("/favicon.ico", s.adapt(redirectTo(s.assets.url("favicon.svg"))))
	e.GET(assetRoute, func(c echo.Context) error {
		return s.assets.serve(c.Response(), c.Request(), c.Param("hash"), c.Param("*"))
	})
	return e
}

// answerTime is how long an answer may take to be made.
const answerTime = 30 * time.Second

// adapt has the answer made when there is a place in the kitchen.
func (s *Server) adapt(a action) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), answerTime)
		defer cancel()
		var p parcel
		_, served, err := s.kitchen.Make(ctx, func() (made []byte, err error) {
			p, err = s.made(ctx, a, c)
			return p.body, err
		})
		if err != nil {
			return err
		}
		defer served()
		return p.send(c.Response())
	}
}

// atOnce is for what must be answered however busy the kitchen is, and costs next to nothing.
func (s *Server) atOnce(a action) echo.HandlerFunc {
	return func(c echo.Context) error {
		p, err := s.made(c.Request().Context(), a, c)
		if err != nil {
			return err
		}
		return p.send(c.Response())
	}
}

func (s *Server) made(ctx context.Context, a action, c echo.Context) (parcel, error) {
	r := c.Request().WithContext(ctx)
	answer, err := a(request{Request: r, Param: param(c)})
	if err != nil {
		return parcel{}, err
	}
	p, err := answer.pack()
	if err != nil {
		return parcel{}, err
	}
	if p.location != "" {
		p.location = s.At(p.location)
	}
	return p, p.compress(r)
}

// observe counts every request under its route pattern, so that clients cannot create series.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		route := c.Path()
		if route == "" {
			route = "none"
		}
		s.metrics.request(c.Request().Method, route, c.Response().Status, s.Now().Sub(start))
		return nil
	}
}

// recovered turns a panic into an error page; the stack goes to the log under the request's id.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				err = newPanicked(p)
			}
		}()
		return next(c)
	}
}

// param unescapes what echo took from the raw path; where there is none, it took it from the path, which is no longer
// escaped.
func param(c echo.Context) func(string) string {
	return func(name string) string {
		if c.Request().URL.RawPath == "" {
			return c.Param(name)
		}
		return unescape(c.Param(name))
	}
}

// fromEcho gives the framework's own errors (no such route, wrong method, body too large) the form of ours.
func fromEcho(err error) error {
	if he, ok := err.(*echo.HTTPError); ok {
		return &failure{Status: he.Code, What: http.StatusText(he.Code)}
	}
	return err
}
