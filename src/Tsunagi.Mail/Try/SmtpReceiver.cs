using System.Buffers;
using System.Collections.Concurrent;

using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Try;

/// <summary>
/// A small SMTP server that plays a customer's mail server in the demo, `try`, tests and proofs: it takes what it is given, or answers as its owner
/// decides. It can be stopped and started again on the same port.
/// </summary>
public sealed class SmtpReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Socket, Task> _sessions = new();
    private readonly SmtpServerOptions _options;
    private CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _received;

    public SmtpReceiver(string hostName = "receiver.example") => _options = new SmtpServerOptions { HostName = hostName, MaxIdleCommands = int.MaxValue, MaxErrors = 1_000 };

    /// <summary>The port it listens on; kept over a stop and a start.</summary>
    public int Port { get; private set; }

    /// <summary>Messages taken.</summary>
    public int Received => Volatile.Read(ref _received);

    /// <summary>Connections open now.</summary>
    public int Connections => _sessions.Count;

    /// <summary>Answers MAIL, RCPT, or (verb Data) the end of a message; null takes it. Called on the connection's thread.</summary>
    public Func<SmtpCommand, SmtpReply?>? Answer { get; set; }

    /// <summary>Called for every message taken, on the connection's thread, before it is acknowledged.</summary>
    public Func<ReceivedMessage, ValueTask>? Taken { get; set; }

    /// <summary>Starts to listen on loopback.</summary>
    public void Start(int port = 0)
    {
        _stopping = new CancellationTokenSource();
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port == 0 ? Port : port));
        _listener.Listen(512);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync(_listener, _stopping.Token);
    }

    /// <summary>Stops listening and cuts every connection.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        foreach (var socket in _sessions.Keys)
        {
            socket.Dispose();
        }

        await Task.WhenAll(_sessions.Values.Append(_accepting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sessions.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(stopping);
                socket.NoDelay = true;
                var session = Task.Run(() => ServeAsync(socket, stopping), CancellationToken.None);
                _sessions[socket] = session;
                _ = session.ContinueWith((_, state) => _sessions.TryRemove((Socket)state!, out Task? _), socket, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken stopping)
    {
        using (socket)
        {
            await using var stream = new NetworkStream(socket, ownsSocket: false);
            try
            {
                await new ReceiverSession(this, _options, stream).RunAsync(stopping);
            }
            catch (Exception left) when (left is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The other side left, or this one was stopped.
            }
        }
    }

    internal async ValueTask<SmtpReply> TakeAsync(SmtpTransaction transaction, ReadOnlyMemory<byte> content)
    {
        var reply = Answer?.Invoke(new SmtpCommand { Verb = SmtpVerb.Data }) ?? SmtpReplies.MessageOk;
        if (!reply.IsPositive)
        {
            return reply;
        }

        if (Taken is { } taken)
        {
            await taken(new ReceivedMessage(
                transaction.ReversePath.Mailbox?.ToString() ?? "", [.. transaction.Recipients.Select(static path => path.Mailbox.ToString())],
                content, transaction.Parameters));
        }

        Interlocked.Increment(ref _received);
        return reply;
    }
}

/// <summary>A message as the receiver got it.</summary>
/// <param name="From">Empty for the null reverse-path.</param>
public sealed record ReceivedMessage(string From, IReadOnlyList<string> Recipients, ReadOnlyMemory<byte> Content, MailParameters Parameters);
