using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Net.Tls;

namespace Tsunagi.Tests.Core.Net;

public sealed class Start_tls : IDisposable
{
    private static readonly byte[] GoAhead = "220 2.0.0 go ahead\r\n"u8.ToArray();
    private readonly string _directory = Directory.CreateTempSubdirectory("tsunagi-tls-").FullName;
    private readonly TaskCompletionSource<StartTlsOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task After_the_upgrade_lines_come_and_go_encrypted()
    {
        await using var listener = await StartAsync(TimeSpan.FromSeconds(5));
        await using var plain = await listener.ConnectAsync();
        await plain.WriteAsync("STARTTLS\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("220 2.0.0 go ahead", await Listener_pipeline.ReadLineAsync(plain));
        await using var tls = Trusting(plain);
        await tls.AuthenticateAsClientAsync("mx.example.net");
        await tls.WriteAsync("EHLO client.example\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("you said EHLO client.example over TLS1.3 to mx.example.net", await Listener_pipeline.ReadLineAsync(tls));
        Assert.Equal(0, await tls.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal(StartTlsOutcome.Upgraded, await _outcome.Task);
    }

    [Fact]
    public async Task Command_injected_behind_starttls_ends_the_connection_before_the_go_ahead()
    {
        await using var listener = await StartAsync(TimeSpan.FromSeconds(5));
        await using var plain = await listener.ConnectAsync();
        await plain.WriteAsync("STARTTLS\r\nMAIL FROM:<attacker@example.net>\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(string.Empty, await Listener_pipeline.ReadLineAsync(plain));
        Assert.Equal(StartTlsOutcome.InputBeforeHandshake, await _outcome.Task);
    }

    [Fact]
    public async Task Command_that_races_the_go_ahead_dies_in_the_handshake()
    {
        await using var listener = await StartAsync(TimeSpan.FromSeconds(5));
        await using var plain = await listener.ConnectAsync();
        await plain.WriteAsync("STARTTLS\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await Listener_pipeline.ReadLineAsync(plain);
        await plain.WriteAsync("MAIL FROM:<attacker@example.net>\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(StartTlsOutcome.HandshakeFailed, await _outcome.Task);
    }

    [Fact]
    public async Task Peer_that_never_begins_the_handshake_is_ended_at_the_deadline()
    {
        await using var listener = await StartAsync(TimeSpan.FromMilliseconds(150));
        await using var plain = await listener.ConnectAsync();
        await plain.WriteAsync("STARTTLS\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await Listener_pipeline.ReadLineAsync(plain);
        Assert.Equal(StartTlsOutcome.DeadlinePassed, await _outcome.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Peer_that_leaves_in_the_handshake_fails_it()
    {
        await using var listener = await StartAsync(TimeSpan.FromSeconds(5));
        var plain = await listener.ConnectAsync();
        await plain.WriteAsync("STARTTLS\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await Listener_pipeline.ReadLineAsync(plain);
        await plain.DisposeAsync();
        Assert.Equal(StartTlsOutcome.HandshakeFailed, await _outcome.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Large_transfer_passes_whole_through_the_new_pipes()
    {
        var sent = new byte[3_000_000];
        new Random(3).NextBytes(sent);
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var certificates = Open();
        await using var listener = await LoopbackListener.StartAsync(_ => { }, async connection =>
        {
            await ReadLineAsync(connection.Transport.Input);
            var result = await StartTls.UpgradeAsync(connection, GoAhead, certificates.SelectAsync, TimeSpan.FromSeconds(5), TimeProvider.System, default);
            await using var session = result.Session!;
            var read = await session.Input.ReadAtLeastAsync(sent.Length);
            received.SetResult(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            session.Input.AdvanceTo(read.Buffer.End);
        });
        await using var plain = await listener.ConnectAsync();
        await plain.WriteAsync("STARTTLS\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await Listener_pipeline.ReadLineAsync(plain);
        await using var tls = Trusting(plain);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync(sent, TestContext.Current.CancellationToken);
        Assert.Equal(sent, await received.Task.WaitAsync(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken));
    }

    private static SslStream Trusting(NetworkStream plain) => new(plain, leaveInnerStreamOpen: true, (_, _, _, _) => true);

    private Certificates Open() => Certificates.Open(new CertificateOptions { Directory = _directory }, TimeProvider.System, NullLogger.Instance);

    private Task<LoopbackListener> StartAsync(TimeSpan deadline)
    {
        var certificates = Open();
        return LoopbackListener.StartAsync(_ => { }, async connection =>
        {
            await ReadLineAsync(connection.Transport.Input);
            var result = await StartTls.UpgradeAsync(connection, GoAhead, certificates.SelectAsync, deadline, TimeProvider.System, default);
            _outcome.TrySetResult(result.Outcome);
            if (result.Session is not { } session)
            {
                return;
            }

            await using (session)
            {
                var line = await ReadLineAsync(connection.Transport.Input);
                var reply = Encoding.ASCII.GetBytes($"you said {line} over {session.Protocol} to {session.ServerName}\r\n");
                await connection.Transport.Output.WriteAsync(reply);
            }
        });
    }

    // Consumes exactly one line and looks no further, as StartTls asks of its callers.
    private static async Task<string> ReadLineAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var end = System.Buffers.BuffersExtensions.PositionOf(read.Buffer, (byte)'\n');
            if (end is { } newline)
            {
                var line = Encoding.ASCII.GetString(System.Buffers.BuffersExtensions.ToArray(read.Buffer.Slice(0, newline))).TrimEnd('\r');
                input.AdvanceTo(read.Buffer.GetPosition(1, newline));
                return line;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return string.Empty;
            }
        }
    }
}
