using System.Buffers;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Nodes;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Meters;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// The filter for one message without a node: the gateway's own sieve, checks and judge, under the policy that holds where nobody said anything. What needs the store is left away: policies, rules about senders, what tenants
/// taught the classifier. (1) fields that only this gateway writes are taken out, as at the door; (2) the checks look; (3) the judge decides.
/// </summary>
internal sealed class LoneFilter : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly MailOptions _options;

    /// <param name="options">Which checks are set up, and their limits.</param>
    /// <param name="dns">What the authentication asks.</param>
    public LoneFilter(FilterOptions options, IMailDns dns, TimeProvider time)
    {
        _options = new MailOptions { Filter = options };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(time).AddSingleton(options).AddSingleton(_options).AddSingleton(dns);
        services.AddSingleton(new Node("", "", Environment.CurrentDirectory));
        services.AddSingleton<MailMetrics>();
        services.AddSingleton<ICheckOutages, UntoldOutages>();
        _services = services.AddChecks().BuildServiceProvider();
    }

    /// <summary>Reads the classifier's model now: there is nobody to wait for it. Null when there is none that can be read.</summary>
    public LinearModel? LoadModel()
    {
        var shared = _services.GetRequiredService<SharedModel>();
        if (shared.IsSetUp)
        {
            shared.Load();
        }

        return shared.Current;
    }

    public async ValueTask<LoneVerdict> CheckAsync(LoneEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        // (1)
        var (content, forged) = Sieve(message);

        // (2)
        var run = _services.GetRequiredService<CheckRun>();
        var checkedMessage = new MessageUnderCheck
        {
            Id = "file", ClientAddress = envelope.ClientAddress, Helo = envelope.Helo, IsTls = false, ReversePath = envelope.ReversePath, Recipients = Math.Max(1, envelope.Recipients.Count),
            Content = content, ForgedFields = forged, Time = envelope.Time,
        };
        var evidence = CheckRun.TooLong(content.Length, _options.Filter) is { } tooLong
            ? [tooLong]
            : await run.RunAsync(checkedMessage, EffectivePolicy.BuiltIn.Wants, cancellationToken);

        // (3)
        return new LoneVerdict(Judge.Decide(evidence, EffectivePolicy.BuiltIn), [.. run.SetUp], checkedMessage);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private (ReadOnlyMemory<byte> Content, int Forged) Sieve(ReadOnlyMemory<byte> message)
    {
        using var sieve = new HeaderSieve(new ForgedFields(_options.OwnName));
        var content = new ArrayBufferWriter<byte>(message.Length + 1);
        var at = 0;
        while (at < message.Length && !sieve.IsOpen)
        {
            var piece = message.Slice(at, Math.Min(4096, message.Length - at));
            piece.CopyTo(sieve.GetMemory(piece.Length));
            sieve.Advance(piece.Length, content);
            at += piece.Length;
        }

        sieve.End(content);
        content.Write(message.Span[at..]);
        return (content.WrittenMemory, sieve.Removed);
    }
}

/// <summary>How a message is said to have come.</summary>
/// <param name="ClientAddress">Null when nobody says: SPF is not asked then.</param>
internal sealed record LoneEnvelope(IPAddress? ClientAddress, string Helo, ReversePath ReversePath, IReadOnlyList<Mailbox> Recipients, DateTimeOffset Time);

/// <summary>What came of it.</summary>
/// <param name="SetUp">The checks that ran.</param>
internal sealed record LoneVerdict(MessageVerdict Verdict, IReadOnlyList<string> SetUp, MessageUnderCheck Message);
