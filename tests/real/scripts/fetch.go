// Fetches a URL into the file `f` by net/http; with -keys it logs its keys to SSLKEYLOGFILE.
//
//	fetch [-keys] URL CA
package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"io"
	"net/http"
	"os"
)

func main() {
	keys := flag.Bool("keys", false, "")
	flag.Parse()
	roots := x509.NewCertPool()
	ca, err := os.ReadFile(flag.Arg(1))
	check(err)
	roots.AppendCertsFromPEM(ca)
	settings := &tls.Config{RootCAs: roots}
	if name := os.Getenv("SSLKEYLOGFILE"); *keys && name != "" {
		settings.KeyLogWriter, err = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		check(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = settings
	answer, err := (&http.Client{Transport: transport}).Get(flag.Arg(0))
	check(err)
	file, err := os.Create("f")
	check(err)
	_, err = io.Copy(file, answer.Body)
	check(err)
	check(file.Close())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
