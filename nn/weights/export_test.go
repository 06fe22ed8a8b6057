package weights

// NamesIn lets tests call parameters as a library does.
var NamesIn = namesIn
