import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * JSSE: a handshake with endpoint identification HTTPS and the name as peer host. Client and server
 * are two engines in memory: other servers do not take every name that Java sends.
 */
final class Jsse {
    private final SSLContext client = SSLContext.getInstance("TLS");
    private final PrivateKey key;

    private Jsse(Path dir) throws Exception {
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        try (var pem = Files.newInputStream(dir.resolve("ca.pem"))) {
            roots.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        client.init(null, trust.getTrustManagers(), null);
        String pem = Files.readString(dir.resolve("key.pem")).replaceAll("-----.*-----|\\s", "");
        key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("--version")) {
            System.out.println("JDK " + System.getProperty("java.version") + " JSSE, HTTPS endpoint identification");
            return;
        }
        Cases.each(args, new Jsse(Path.of(args[0]))::ask);
    }

    private Cases.Answer ask(Cases.Ask ask) throws Exception {
        try {
            SSLEngine engine = client.createSSLEngine(ask.name(), 443);
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            handshake(engine, server(ask.certificate()));
            return Cases.Answer.ACCEPT;
        } catch (CertificateException | SSLException | IllegalArgumentException failed) {
            StringBuilder chain = new StringBuilder();
            for (Throwable why = failed; why != null; why = why.getCause()) {
                chain.append(why).append(" / ");
            }
            return new Cases.Answer(word(chain.toString()), chain.toString());
        }
    }

    /** What the trust manager throws is told apart by its texts only. */
    private static String word(String chain) {
        if (chain.contains("Illegal given domain name") || chain.contains("IllegalArgumentException")) {
            return "error:refname";
        }
        // "Not a formal name": not in NFKC, thrown only once it is compared with a common name.
        if (chain.contains("No subject alternative") || chain.contains("No name matching") || chain.contains("Not a formal name")) {
            return "reject";
        }
        boolean path = chain.contains("path building failed") || chain.contains("path validation failed");
        return chain.contains("CertificateParsingException") || !path && chain.contains("CertificateException")
            || chain.contains("unrecognized critical extension") ? "error:parse" : "error:chain";
    }

    private SSLEngine server(X509Certificate certificate) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new OneKey(key, certificate)}, null, null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        return engine;
    }

    /** Passes records to and fro until both are done; throws what the client throws. */
    private static void handshake(SSLEngine client, SSLEngine server) throws SSLException {
        ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 17);
        for (int round = 0; round < 200; round++) {
            step(client, toClient, toServer);
            boolean done = client.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
            if (done && client.getSession().isValid() && round > 0) {
                return;
            }
            step(server, toServer, toClient);
        }
        throw new SSLException("the handshake does not end");
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        ByteBuffer plain = ByteBuffer.allocate(1 << 17);
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            }
            case NEED_UNWRAP -> {
                in.flip();
                engine.unwrap(in, plain);
                in.compact();
            }
            default -> engine.wrap(ByteBuffer.allocate(0), out);
        }
    }

    /** Always this certificate with this key. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate certificate;

        OneKey(PrivateKey key, X509Certificate certificate) {
            this.key = key;
            this.certificate = certificate;
        }

        @Override public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return type.startsWith("EC") ? "leaf" : null;
        }

        @Override public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override public String[] getClientAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override public String[] getServerAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {certificate};
        }

        @Override public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }
}
