// What benches/fleet.py needs in Go: certificates for a fleet, and the scanner that certcheck is measured beside.
//
//	fleet certs FOLDER OWN SHARED   one root, one intermediate, OWN leaves of their own name, SHARED wildcards
//	fleet scan LIST AT-ONCE ROOT    a JSON line for each NAME@ADDRESS:PORT, verified in full by crypto/tls
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	der  []byte
}

func certify(template *x509.Certificate, key *ecdsa.PrivateKey, by *authority) []byte {
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().AddDate(0, 3, 0)
	return must(x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer))
}

func newAuthority(name string, serial int64, by *authority) *authority {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	der := certify(&x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, key, by)
	return &authority{must(x509.ParseCertificate(der)), key, der}
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func write(folder, name string, parts ...[]byte) {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	if err := os.WriteFile(filepath.Join(folder, name), all, 0o644); err != nil {
		panic(err)
	}
}

func certs(folder string, own, shared int) {
	root := newAuthority("Fleet Root", 1, nil)
	middle := newAuthority("Fleet Intermediate", 2, root)
	write(folder, "root.pem", encode("CERTIFICATE", root.der))
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	write(folder, "key.pem", encode("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(key))))
	leaf := func(serial int, file string, names ...string) {
		der := certify(&x509.Certificate{
			SerialNumber: big.NewInt(int64(serial)), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}, key, middle)
		write(folder, file, encode("CERTIFICATE", der), encode("CERTIFICATE", middle.der))
	}
	for n := 0; n < own; n++ {
		name := fmt.Sprintf("h%d.own.test", n)
		leaf(100+n, name+".pem", name)
	}
	for n := 0; n < shared; n++ {
		leaf(1_000_000+n, fmt.Sprintf("s%d.pem", n), fmt.Sprintf("*.s%d.test", n))
	}
}

type line struct {
	Target string `json:"target"`
	Match  bool   `json:"match"`
	Error  string `json:"error,omitempty"`
}

func check(target string, roots *x509.CertPool, dialer *net.Dialer) line {
	name, place, _ := strings.Cut(target, "@")
	connection, err := tls.DialWithDialer(dialer, "tcp", place, &tls.Config{ServerName: name, RootCAs: roots})
	if err == nil {
		connection.Close()
		return line{target, true, ""}
	}
	var mismatch x509.HostnameError
	if errors.As(err, &mismatch) {
		return line{target, false, ""}
	}
	return line{target, false, err.Error()}
}

func scan(list string, atOnce int, root string) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(must(os.ReadFile(root)))
	targets, found := make(chan string, 256), make(chan line, 256)
	dialer := &net.Dialer{Timeout: 30 * time.Second}
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for target := range targets {
				found <- check(target, roots, dialer)
			}
		})
	}
	go func() {
		lines := bufio.NewScanner(must(os.Open(list)))
		for lines.Scan() {
			targets <- lines.Text()
		}
		close(targets)
		workers.Wait()
		close(found)
	}()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for one := range found {
		json.NewEncoder(out).Encode(one)
	}
}

func main() {
	switch args := os.Args[1:]; {
	case len(args) == 4 && args[0] == "certs":
		certs(args[1], must(strconv.Atoi(args[2])), must(strconv.Atoi(args[3])))
	case len(args) == 4 && args[0] == "scan":
		scan(args[1], must(strconv.Atoi(args[2])), args[3])
	default:
		fmt.Fprintln(os.Stderr, "fleet certs FOLDER OWN SHARED | fleet scan LIST AT-ONCE ROOT")
		os.Exit(2)
	}
}
