// Qt: QSslSocket::connectToHostEncrypted with the name as peer verify name.
extern "C" {
#include "ask.h"
}
#include <QtCore/QCoreApplication>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslSocket>

static QList<QSslCertificate> roots;

static void ask(struct ask *a) {
    QSslSocket socket;
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setCaCertificates(roots);
    socket.setSslConfiguration(configuration);
    bool mismatch = false, other = false;
    QObject::connect(&socket, QOverload<const QList<QSslError> &>::of(&QSslSocket::sslErrors),
                     [&](const QList<QSslError> &errors) {
                         for (const auto &error : errors)
                             (error.error() == QSslError::HostNameMismatch ? mismatch : other) = true;
                     });
    QString name = QString::fromUtf8(reinterpret_cast<char *>(a->name), int(a->len));
    socket.connectToHostEncrypted(a->address, quint16(atoi(a->port)), name);
    bool connected = socket.waitForEncrypted(10000);
    const char *word = connected ? "accept" : other ? "error:chain" : mismatch ? "reject" : "error:tls";
    answer(a, word, connected ? "" : socket.errorString().toUtf8().constData());
}

int main(int argc, char **argv) {
    QCoreApplication application(argc, argv);
    if (argc == 2) return printf("Qt %s QSslSocket (OpenSSL)\n", qVersion()), 0;
    roots = QSslCertificate::fromPath(QString(argv[1]) + "/ca.pem");
    return for_each_case(argv, ask);
}
