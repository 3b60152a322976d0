// Fetches a URL into the file `f`, by one of Java's own ways.
//
//   java Fetch HttpsURLConnection|java.net.http|SSLSocket URL CA
//   java Fetch Socket|SocketChannel URL            in the clear

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class Fetch {
    public static void main(String[] arguments) throws Exception {
        URI uri = URI.create(arguments[1]);
        if (uri.getScheme().equals("http")) {
            inTheClear(arguments[0], uri);
            return;
        }
        SSLContext tls = trusting(Path.of(arguments[2]));
        switch (arguments[0]) {
            case "HttpsURLConnection" -> byConnection(uri, tls);
            case "java.net.http" -> byClient(uri, tls);
            case "SSLSocket" -> bySocket(uri, tls);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    static void byConnection(URI uri, SSLContext tls) throws Exception {
        HttpsURLConnection connection = (HttpsURLConnection) uri.toURL().openConnection();
        connection.setSSLSocketFactory(tls.getSocketFactory());
        try (InputStream body = connection.getInputStream()) {
            Files.copy(body, Path.of("f"));
        }
    }

    static void byClient(URI uri, SSLContext tls) throws Exception {
        HttpClient client = HttpClient.newBuilder().sslContext(tls).build();
        client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofFile(Path.of("f")));
    }

    static void bySocket(URI uri, SSLContext tls) throws Exception {
        try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(uri.getHost(), uri.getPort())) {
            ask(uri, socket.getOutputStream(), socket.getInputStream());
        }
    }

    static void inTheClear(String way, URI uri) throws Exception {
        if (way.equals("Socket")) {
            try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
                ask(uri, socket.getOutputStream(), socket.getInputStream());
            }
        } else {
            try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(uri.getHost(), uri.getPort()))) {
                ask(uri, Channels.newOutputStream(channel), Channels.newInputStream(channel));
            }
        }
    }

    static void ask(URI uri, OutputStream request, InputStream answer) throws Exception {
        request.write(("GET " + uri.getPath() + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        byte[] content = answer.readAllBytes();
        int body = new String(content, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        Files.write(Path.of("f"), Arrays.copyOfRange(content, body, content.length));
    }

    static SSLContext trusting(Path ca) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(ca)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
