using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace Tsunagi.Core.Net.Tls;

/// <summary>The encrypted half of a connection after STARTTLS: the pipes the protocol uses from now on, and what was agreed.</summary>
public sealed class TlsSession : IDuplexPipe, IAsyncDisposable
{
    private static readonly TimeSpan ClosingDeadline = TimeSpan.FromSeconds(5);

    private readonly SslStream _stream;
    private readonly ConnectionContext _connection;
    private readonly IDuplexPipe _plain;
    private readonly TimeProvider _time;

    internal TlsSession(SslStream stream, ConnectionContext connection, IDuplexPipe plain, TimeProvider time)
    {
        _time = time;
        _stream = stream;
        _connection = connection;
        _plain = plain;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16_384, leaveOpen: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>"TLS1.3" or "TLS1.2", as a Received header writes it.</summary>
    public string Protocol => _stream.SslProtocol switch
    {
        SslProtocols.Tls12 => "TLS1.2",
        SslProtocols.Tls13 => "TLS1.3",
        var other => other.ToString(),
    };

    /// <summary>"TLS_AES_256_GCM_SHA384".</summary>
    public string Cipher => _stream.NegotiatedCipherSuite.ToString();

    /// <summary>The name the peer asked for (SNI), or empty.</summary>
    public string ServerName => _stream.TargetHostName;

    /// <summary>The peer's certificate where one was asked for and given. Its chain is as checked as the options said.</summary>
    public X509Certificate? PeerCertificate => _stream.RemoteCertificate;

    /// <summary>The hash of our certificate that binds an authentication to this connection (tls-server-end-point); empty where none is defined.</summary>
    public ReadOnlyMemory<byte> EndPointBinding => _stream.LocalCertificate is X509Certificate2 own ? ServerEndPoint.BindingOf(own) : default;

    /// <summary>Sends what is written, says close_notify, and gives the connection its own pipes back so that Kestrel can end them.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await CloseAsync().WaitAsync(ClosingDeadline, _time);
        }
        catch (TimeoutException)
        {
            _connection.Abort(new ConnectionAbortedException("the peer did not read the end of the TLS session"));
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or ObjectDisposedException or OperationCanceledException or ConnectionAbortedException)
        {
            // The peer left without close_notify; there is nobody to tell.
        }

        await _stream.DisposeAsync();
        _connection.Transport = _plain;
    }

    private async Task CloseAsync()
    {
        await Output.CompleteAsync();
        await Input.CompleteAsync();
        await _stream.ShutdownAsync();
    }
}
