// Go, crypto/x509: Certificate.VerifyHostname after ParseCertificate.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"runtime"
	"strings"
)

func main() {
	if os.Args[1] == "--version" {
		fmt.Printf("Go %s crypto/x509\n", strings.TrimPrefix(runtime.Version(), "go"))
		return
	}
	file, err := os.Open(os.Args[1] + "/asks.tsv")
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		name, _ := hex.DecodeString(cells[1])
		text, _ := os.ReadFile(os.Args[1] + "/" + cells[0] + ".pem")
		block, _ := pem.Decode(text)
		word, reason := "accept", ""
		if cert, err := x509.ParseCertificate(block.Bytes); err != nil {
			word, reason = "error:parse", err.Error()
		} else if err := cert.VerifyHostname(string(name)); err != nil {
			word, reason = "reject", err.Error()
		}
		fmt.Printf("%s\t%s\t%.200q\n", cells[0], word, reason)
	}
}
