// one_check NAME ADDRESS ROOTS: Go's side of benches/one_check.py.
// Connects with SNI, verifies chain and name with crypto/tls, prints one line.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 4 {
		os.Exit(2)
	}
	pem, err := os.ReadFile(os.Args[3])
	if err != nil {
		os.Exit(2)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	conn, err := tls.Dial("tcp", os.Args[2], &tls.Config{ServerName: os.Args[1], RootCAs: roots})
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	leaf := conn.ConnectionState().PeerCertificates[0]
	fmt.Println("ok", os.Args[1], leaf.DNSNames, leaf.NotAfter)
	conn.Close()
}
