package guard

import (
	"fmt"
	"net/http"
	"net/url"
)

// Bounds of an address. The longest that pages make are those of charts with most of many curves hidden.
const (
	mostAddress    = 16 << 10 // bytes of path and query
	mostParameters = 1000
	mostName       = 100 // bytes of a parameter's name
	mostValue      = 2000
)

// Refusal is a request that is answered with a status and a sentence.
type Refusal struct {
	Status int
	What   string
}

func (r *Refusal) Error() string { return r.What }

func refuse(status int, format string, args ...any) error {
	return &Refusal{status, fmt.Sprintf(format, args...)}
}

// Address checks the size of an address and of its parameters, and that the query can be read; the error is a *Refusal.
func Address(r *http.Request) error {
	if n := len(r.URL.EscapedPath()) + len(r.URL.RawQuery); n > mostAddress {
		return refuse(http.StatusRequestURITooLong, "The address has %d bytes, want at most %d.", n, mostAddress)
	}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return refuse(http.StatusBadRequest, "The query of the address cannot be read: %v.", err)
	}
	count := 0
	for name, values := range parameters {
		if len(name) > mostName {
			return refuse(http.StatusBadRequest, "A parameter's name has %d bytes, want at most %d.", len(name), mostName)
		}
		count += len(values)
		for _, v := range values {
			if len(v) > mostValue {
				return refuse(http.StatusBadRequest, "%s: want at most %d bytes, got %d.", name, mostValue, len(v))
			}
		}
	}
	if count > mostParameters {
		return refuse(http.StatusBadRequest, "The address has %d parameters, want at most %d.", count, mostParameters)
	}
	return nil
}

// Within says how many of something an address may name.
func Within(what string, got, most int) error {
	if got > most {
		return refuse(http.StatusBadRequest, "%s: want at most %d, got %d.", what, most, got)
	}
	return nil
}
