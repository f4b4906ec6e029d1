using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Rollcall.Tests.Support;

/// <summary>The npm package smtp-server in its own process: an SMTP server from a third party.</summary>
internal sealed class SmtpStandIn : IAsyncDisposable
{
    private readonly Process process;

    private SmtpStandIn(Process process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Trusts one of the two certificates, in place of an authority.</summary>
    public static bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None
        || string.Equals(
            (certificate as X509Certificate2)?.Thumbprint,
            Certificates.TrustedThumbprint,
            StringComparison.Ordinal
        );

    public static async Task<SmtpStandIn> StartAsync(
        bool startTls = false,
        bool trusted = true,
        string? password = null,
        int? mailFrom = null
    )
    {
        var (certificate, key) = trusted ? Certificates.Trusted : Certificates.Unknown;
        var options = JsonSerializer.Serialize(
            new
            {
                startTls,
                password,
                mailFrom,
                cert = certificate,
                key,
            }
        );
        var node = Process.Start(
            new ProcessStartInfo(
                "node",
                [Repository.Path("tests", "Rollcall.Tests", "Support", "smtp-server.mjs"), options]
            )
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        var first = await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        using var port = JsonDocument.Parse(
            first ?? throw new InvalidOperationException("The SMTP server did not start; is npm ci done?")
        );
        return new SmtpStandIn(node, port.RootElement.GetProperty("port").GetInt32());
    }

    /// <summary>The next message that arrived.</summary>
    public async Task<JsonElement> NextAsync()
    {
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        using var message = JsonDocument.Parse(line ?? throw new InvalidOperationException("The SMTP server ended."));
        return message.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.Dispose();
    }

    /// <summary>Two self-signed certificates for localhost.</summary>
    private static class Certificates
    {
        public static readonly (string Certificate, string Key) Trusted = Make();
        public static readonly (string Certificate, string Key) Unknown = Make();
        public static readonly string TrustedThumbprint = X509Certificate2
            .CreateFromPem(Trusted.Certificate)
            .Thumbprint;

        private static (string Certificate, string Key) Make()
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest(
                "CN=localhost",
                key,
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1
            );
            using var certificate = request.CreateSelfSigned(
                DateTimeOffset.UtcNow.AddDays(-1),
                DateTimeOffset.UtcNow.AddDays(1)
            );
            return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        }
    }
}
