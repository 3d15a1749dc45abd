using System.Collections.Concurrent;
using System.Text;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail;

/// <summary>The customer's own mail server in a test: takes mail and remembers it.</summary>
internal sealed class CustomerServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedMessage> _messages = new();

    public CustomerServer()
    {
        Receiver = new SmtpReceiver("mx.customer.example")
        {
            Taken = message =>
            {
                _messages.Enqueue(message with { Content = message.Content.ToArray() });
                return default;
            },
        };
        Receiver.Start();
    }

    public SmtpReceiver Receiver { get; }

    public int Port => Receiver.Port;

    public IReadOnlyList<ReceivedMessage> Messages => [.. _messages];

    public IReadOnlyList<string> Texts => [.. _messages.Select(static message => Encoding.UTF8.GetString(message.Content.Span))];

    public async Task<IReadOnlyList<ReceivedMessage>> GotAsync(int count)
    {
        await Eventually.HoldsAsync(() => _messages.Count >= count, () => $"{_messages.Count} of {count} messages came");
        return Messages;
    }

    public ValueTask DisposeAsync() => Receiver.DisposeAsync();
}
