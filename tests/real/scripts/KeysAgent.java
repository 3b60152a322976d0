// An agent that writes the keys of a JVM's TLS 1.3 to the file that is its argument, as a TLS key log. It changes the one
// class of the JDK by which every secret is derived; what is put into it sees the JDK alone.
//
//   java -javaagent:KeysAgent.jar=FILE …

import java.io.ByteArrayInputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import javassist.ClassPool;
import javassist.CtClass;
import javassist.CtConstructor;
import javassist.CtField;

public class KeysAgent {
    static final String DERIVES = "sun/security/ssl/SSLSecretDerivation";

    static final String WRITES = """
        {
            String label = null;
            if ($1.equals("TlsClientHandshakeTrafficSecret")) label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
            if ($1.equals("TlsServerHandshakeTrafficSecret")) label = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
            if ($1.equals("TlsClientAppTrafficSecret")) label = "CLIENT_TRAFFIC_SECRET_0";
            if ($1.equals("TlsServerAppTrafficSecret")) label = "SERVER_TRAFFIC_SECRET_0";
            if (label != null) {
                java.util.HexFormat hex = java.util.HexFormat.of();
                String random = hex.formatHex(this.clientRandom);
                String line = label + " " + random + " " + hex.formatHex($_.getEncoded()) + "\\n";
                java.io.FileOutputStream file = new java.io.FileOutputStream(System.getProperty("keys.file"), true);
                file.write(line.getBytes());
                file.close();
            }
        }
        """;

    public static void premain(String file, Instrumentation instrumentation) {
        System.setProperty("keys.file", file);
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte[] transform(
                ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] content
            ) {
                return name.equals(DERIVES) ? writing(content) : null;
            }
        });
    }

    static byte[] writing(byte[] content) {
        try {
            CtClass changed = new ClassPool(true).makeClass(new ByteArrayInputStream(content));
            changed.addField(CtField.make("byte[] clientRandom;", changed));
            for (CtConstructor constructor : changed.getDeclaredConstructors()) {
                constructor.insertBeforeBody("this.clientRandom = $1.clientHelloRandom.randomBytes;");
            }
            changed.getDeclaredMethod("deriveKey").insertAfter(WRITES);
            return changed.toBytecode();
        } catch (Exception error) {
            error.printStackTrace();
            return null;
        }
    }
}
