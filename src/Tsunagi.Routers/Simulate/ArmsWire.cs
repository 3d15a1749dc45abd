using System.Buffers;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tsunagi.Routers.Arms;

namespace Tsunagi.Routers.Simulate;

/// <summary>
/// How a box speaks: HTTP/1.0 over TLS, one request a connection, the head as real boxes write it. Dates of certificates are not looked at (a box has no clock when it starts), names neither;
/// the chain has to end at the authority it was told, and at a location server every name of it has to be right.
/// </summary>
internal static class ArmsWire
{
    private const int LongestAnswer = 8 * 1024 * 1024;
    private static readonly string[] LocationNames = ["CN=ARMS Root CA", "CN=Location Server "];

    /// <summary>The octets of the answer.</summary>
    /// <exception cref="IOException">There is none: no connection, another certificate, or HTTP refuses.</exception>
    public static async Task<byte[]> PostAsync(Uri url, string user, string key, byte[] message, string? root, bool isLocation, bool isLegacy, CancellationToken cancellationToken)
    {
        await using var stream = await ConnectAsync(url, root, isLocation, isLegacy, cancellationToken);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST {url.AbsolutePath} HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: {message.Length}\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{user}:{key}"))}\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        await stream.WriteAsync(message, cancellationToken);
        await stream.FlushAsync(cancellationToken);
        var answer = new ArrayBufferWriter<byte>(4_096);
        int count;
        while ((count = await stream.ReadAsync(answer.GetMemory(4_096), cancellationToken)) > 0)
        {
            answer.Advance(count);
            if (answer.WrittenCount > LongestAnswer)
            {
                throw new IOException("the answer has no end");
            }
        }

        var end = answer.WrittenSpan.IndexOf("\r\n\r\n"u8);
        var status = end < 12 ? "" : Encoding.ASCII.GetString(answer.WrittenSpan.Slice(9, 3));
        return status == "200" ? answer.WrittenSpan[(end + 4)..].ToArray() : throw new IOException($"HTTP answered '{status}'");
    }

    /// <summary>The head of a tunnel, answered with 200.</summary>
    /// <exception cref="IOException">It was not taken.</exception>
    public static async Task<SslStream> OpenTunnelAsync(Uri url, string user, string key, string? root, bool isLegacy, CancellationToken cancellationToken)
    {
        var stream = await ConnectAsync(url, root, isLocation: false, isLegacy, cancellationToken);
        try
        {
            var head = $"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{user}:{key}"))}\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
            await stream.FlushAsync(cancellationToken);

            // As boxes do: what comes first is the head, whole.
            var buffer = new byte[2_048];
            var count = await stream.ReadAsync(buffer, cancellationToken);
            return Encoding.ASCII.GetString(buffer, 0, count) is { } answer && answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) && answer.EndsWith("\r\n\r\n", StringComparison.Ordinal)
                ? stream : throw new IOException("the tunnel was not taken");
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async Task<SslStream> ConnectAsync(Uri url, string? root, bool isLocation, bool isLegacy, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(url.Host.Trim('[', ']'), url.Port, cancellationToken);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            try
            {
                RemoteCertificateValidationCallback trust = (_, certificate, chain, _) => IsTrusted(certificate as X509Certificate2, chain, root, isLocation);
                await stream.AuthenticateAsClientAsync(
                    isLegacy && !OperatingSystem.IsWindows() ? LegacyTls.ForClient(trust) : new SslClientAuthenticationOptions { TargetHost = "", RemoteCertificateValidationCallback = trust }, cancellationToken);
                return stream;
            }
            catch
            {
                await stream.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (e is SocketException or System.Security.Authentication.AuthenticationException)
        {
            socket.Dispose();
            throw new IOException($"{url}: {e.Message}", e);
        }
    }

    private static bool IsTrusted(X509Certificate2? certificate, X509Chain? sent, string? root, bool isLocation)
    {
        if (certificate is null || (isLocation && !LocationNames.Any(certificate.Subject.Contains)))
        {
            return false;
        }

        // A simulator that was told no authority trusts the server it stands beside.
        if (root is null)
        {
            return true;
        }

        using var authority = X509Certificate2.CreateFromPem(root);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var element in sent?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate) && (!isLocation || chain.ChainElements.All(static element => LocationNames.Any(element.Certificate.Subject.Contains)));
    }
}
