// A TLS server with these key exchange groups alone, and a client that asks it (crypto/tls, Config.CurvePreferences).
//
//	groups serve CERT KEY ADDRESS GROUP...
//	groups ask CA NAME ADDRESS: prints the group
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
)

var groups = map[string]tls.CurveID{
	"X25519":             tls.X25519,
	"X25519MLKEM768":     tls.X25519MLKEM768,
	"SecP256r1MLKEM768":  tls.SecP256r1MLKEM768,
	"SecP384r1MLKEM1024": tls.SecP384r1MLKEM1024,
}

func main() {
	arguments := os.Args[1:]
	run := map[string]func([]string) error{"serve": serve, "ask": ask}[arguments[0]]
	if err := run(arguments[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(arguments []string) error {
	pair, err := tls.LoadX509KeyPair(arguments[0], arguments[1])
	if err != nil {
		return err
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}}
	for _, name := range arguments[3:] {
		group, known := groups[name]
		if !known {
			return fmt.Errorf("%s is no group", name)
		}
		config.CurvePreferences = append(config.CurvePreferences, group)
	}
	listener, err := tls.Listen("tcp", arguments[2], config)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			// Reading is what makes the handshake; a client that leaves is no failure.
			io.Copy(io.Discard, connection)
			connection.Close()
		}()
	}
}

func ask(arguments []string) error {
	pem, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	connection, err := tls.Dial("tcp", arguments[2], &tls.Config{RootCAs: roots, ServerName: arguments[1]})
	if err != nil {
		return err
	}
	defer connection.Close()
	fmt.Println(connection.ConnectionState().CurveID)
	return nil
}
