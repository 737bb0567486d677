import javax.net.ssl.SSLException;
import org.apache.http.conn.ssl.DefaultHostnameVerifier;
import org.apache.http.conn.util.PublicSuffixMatcherLoader;
import org.apache.http.util.VersionInfo;

/** Apache HttpClient: DefaultHostnameVerifier.verify with the public suffix list it ships, as HttpClients makes it. */
final class ApacheHttpClient {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("--version")) {
            ClassLoader loader = ApacheHttpClient.class.getClassLoader();
            System.out.println("Apache HttpClient " + VersionInfo.loadVersionInfo("org.apache.http.client", loader).getRelease());
            return;
        }
        DefaultHostnameVerifier verifier = new DefaultHostnameVerifier(PublicSuffixMatcherLoader.getDefault());
        Cases.run(args, (name, certificate) -> {
            try {
                verifier.verify(name, certificate);
                return Cases.Answer.ACCEPT;
            } catch (SSLException mismatch) {
                return Cases.Answer.reject(mismatch);
            }
        });
    }
}
