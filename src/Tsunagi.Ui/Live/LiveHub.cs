using System.Threading.Channels;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Ui.Live;

/// <summary>
/// Passes short live messages from the program to the browsers that look. It is a hint, never the truth: a page that missed one reads its
/// region again. Publishing never waits; a reader that falls behind by <see cref="ReaderBuffer"/> messages loses the oldest.
/// </summary>
public sealed class LiveHub
{
    /// <summary>How many messages are kept for readers that come back with their last id.</summary>
    public const int Kept = 1024;

    /// <summary>How many messages wait for one slow reader.</summary>
    public const int ReaderBuffer = 256;

    private readonly Lock _lock = new();
    private readonly Queue<LiveMessage> _kept = new();
    private readonly HashSet<Reader> _readers = [];
    private long _last;

    public int Readers
    {
        get
        {
            lock (_lock)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>The scopes of those who listen to a topic with this head.</summary>
    public IReadOnlyList<TenantScope> ScopesReading(string head)
    {
        lock (_lock)
        {
            return [.. _readers.Where(reader => reader.Topics.Any(topic => topic.StartsWith(head, StringComparison.Ordinal))).Select(static reader => reader.Scope).Distinct()];
        }
    }

    /// <summary>Tells everybody who listens to the topic and may see the tenant.</summary>
    /// <param name="topic">"figures", "events", "subscription:s_…".</param>
    /// <param name="tenantPath">Whose it is; only readers whose scope covers it get it.</param>
    /// <param name="json">A small JSON document.</param>
    public void Publish(string topic, string tenantPath, string json)
    {
        lock (_lock)
        {
            var message = new LiveMessage(++_last, topic, tenantPath, json);
            _kept.Enqueue(message);
            if (_kept.Count > Kept)
            {
                _kept.Dequeue();
            }

            foreach (var reader in _readers)
            {
                if (reader.Wants(message))
                {
                    reader.Channel.Writer.TryWrite(message);
                }
            }
        }
    }

    /// <summary>
    /// Listens until <paramref name="cancellationToken"/>. With the last id a reader saw, it first gets what it missed; when that is no longer
    /// kept, it first gets a message of the topic "reset": read again what you show.
    /// </summary>
    public async IAsyncEnumerable<LiveMessage> ReadAsync(
        TenantScope scope, IReadOnlySet<string> topics, long? lastId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new Reader(scope, topics);
        List<LiveMessage> missed = [];
        lock (_lock)
        {
            if (lastId is { } last && last != _last)
            {
                var oldest = _kept.Count > 0 ? _kept.Peek().Id : _last + 1;
                missed = last > _last || last + 1 < oldest ? [new LiveMessage(_last, "reset", scope.Path, "{}")] : [.. _kept.Where(message => message.Id > last && reader.Wants(message))];
            }

            _readers.Add(reader);
        }

        try
        {
            foreach (var message in missed)
            {
                yield return message;
            }

            await foreach (var message in reader.Channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return message;
            }
        }
        finally
        {
            lock (_lock)
            {
                _readers.Remove(reader);
            }
        }
    }

    private sealed class Reader(TenantScope scope, IReadOnlySet<string> topics)
    {
        public TenantScope Scope => scope;

        public IReadOnlySet<string> Topics => topics;

        public Channel<LiveMessage> Channel { get; } =
            System.Threading.Channels.Channel.CreateBounded<LiveMessage>(new BoundedChannelOptions(ReaderBuffer) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

        public bool Wants(LiveMessage message) => topics.Contains(message.Topic) && scope.Covers(message.TenantPath);
    }
}

/// <summary>One live message; its id grows by one with each.</summary>
public sealed record LiveMessage(long Id, string Topic, string TenantPath, string Json);
