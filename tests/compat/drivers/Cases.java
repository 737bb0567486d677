import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** What the drivers in Java share. usage of each: DRIVER DIR PORT; prints `case TAB answer TAB reason`. */
final class Cases {
    record Answer(String word, String reason) {
        static final Answer ACCEPT = new Answer("accept", "");

        static Answer reject(Throwable why) {
            return new Answer("reject", String.valueOf(why.getMessage()));
        }
    }

    record Ask(Path dir, String id, String name, String address, int port) {
        X509Certificate certificate() throws Exception {
            byte[] pem = Files.readAllBytes(dir.resolve(id + ".pem"));
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
        }
    }

    interface Client {
        Answer ask(Ask ask) throws Exception;
    }

    /** A client that is shown the certificate after the platform read it. */
    interface Verifier {
        Answer verify(String name, X509Certificate certificate) throws Exception;
    }

    static void run(String[] args, Verifier verifier) throws Exception {
        each(args, ask -> {
            X509Certificate certificate;
            try {
                certificate = ask.certificate();
            } catch (CertificateException unreadable) {
                return new Answer("error:parse", unreadable.getMessage());
            }
            return verifier.verify(ask.name(), certificate);
        });
    }

    static void each(String[] args, Client client) throws Exception {
        Path dir = Path.of(args[0]);
        for (String line : Files.readAllLines(dir.resolve("asks.tsv"))) {
            String[] cells = line.split("\t", -1);
            String name = new String(HexFormat.of().parseHex(cells[1]), StandardCharsets.UTF_8);
            Answer answer;
            try {
                answer = client.ask(new Ask(dir, cells[0], name, cells[2], Integer.parseInt(args[1])));
            } catch (Exception thrown) {
                answer = new Answer("error:exception", thrown.toString());
            }
            System.out.printf("%s\t%s\t%.200s%n", cells[0], answer.word(), answer.reason().replaceAll("[^ -~]+", " "));
        }
    }
}
