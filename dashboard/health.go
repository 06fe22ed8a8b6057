package dashboard

import "net/http"

// unwell is an answer to monitors, which read the status and one line.
type unwell struct {
	code int
	what string
}

func (u unwell) pack() (parcel, error) {
	return parcel{status: u.code, media: "text/plain; charset=utf-8", body: []byte(u.what + "\n")}, nil
}

// healthy answers monitors in plain text: "ok", or status 503 and why not.
func (s *Server) healthy(r request) (response, error) {
	var err error
	if s.Health != nil {
		err = s.Health.Healthy(r.Context())
	} else {
		_, err = s.Source.LastChange(r.Context())
	}
	if err == nil {
		return body{Type: "text/plain; charset=utf-8", Bytes: []byte("ok\n")}, nil
	}
	code, what := status(err)
	if code != http.StatusServiceUnavailable {
		return nil, err
	}
	s.Log.Warn("not healthy", "error", err)
	return unwell{code, what}, nil
}
