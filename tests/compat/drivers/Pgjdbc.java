import java.lang.reflect.Proxy;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLSession;
import org.postgresql.ssl.PGjdbcHostnameVerifier;
import org.postgresql.util.DriverInfo;

/** PostgreSQL JDBC, verify-full: PGjdbcHostnameVerifier.verify on a session with the certificate. */
final class Pgjdbc {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("--version")) {
            System.out.println("PostgreSQL JDBC " + DriverInfo.DRIVER_VERSION + " verify-full");
            return;
        }
        Cases.run(args, (name, certificate) -> {
            SSLSession session = (SSLSession) Proxy.newProxyInstance(Pgjdbc.class.getClassLoader(),
                new Class<?>[] {SSLSession.class},
                (proxy, method, arguments) -> method.getName().equals("getPeerCertificates") ? new X509Certificate[] {certificate} : null);
            return PGjdbcHostnameVerifier.INSTANCE.verify(name, session)
                ? Cases.Answer.ACCEPT : new Cases.Answer("reject", "");
        });
    }
}
