import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.internal.tls.OkHostnameVerifier;

/** OkHttp: OkHostnameVerifier.verify. */
final class OkHttp {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("--version")) {
            Matcher version = Pattern.compile("[0-9.]+[0-9]").matcher(okhttp3.internal.Version.userAgent());
            System.out.println("OkHttp " + (version.find() ? version.group() : "?"));
            return;
        }
        Cases.run(args, (name, certificate) -> OkHostnameVerifier.INSTANCE.verify(name, certificate)
            ? Cases.Answer.ACCEPT : new Cases.Answer("reject", ""));
    }
}
