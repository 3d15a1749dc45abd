namespace Tsunagi.Core.Shards;

/// <summary>A table of per-key state over a node's shards: rows are made on first use and touched only by the loop of their shard.</summary>
/// <typeparam name="TKey">The key (a device's id, a prefix, a tenant's id).</typeparam>
/// <typeparam name="TState">The row, a mutable class.</typeparam>
public sealed class ShardTable<TKey, TState>
    where TKey : notnull
    where TState : class
{
    private readonly ShardLoops _shards;
    private readonly Func<TKey, TState> _create;
    private readonly Dictionary<TKey, TState>[] _rows = new Dictionary<TKey, TState>[ShardLoops.Count];

    public ShardTable(ShardLoops shards, Func<TKey, TState> create, IEqualityComparer<TKey>? comparer = null)
    {
        _shards = shards;
        _create = create;
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i] = new Dictionary<TKey, TState>(comparer);
        }
    }

    /// <summary>Runs <paramref name="act"/> on the key's row soon; false when the shard is full, and then nothing happens.</summary>
    /// <param name="act">Make it static and pass what it needs as the argument: then a post is one small allocation.</param>
    public bool TryPost<TArgument>(TKey key, TArgument argument, Action<TState, TArgument> act) =>
        _shards.TryPost(ShardOf(key), new Post<TArgument>(this, key, argument, act));

    /// <summary>Runs <paramref name="act"/> on the key's row soon; waits while the shard is full. Not from inside a shard.</summary>
    public ValueTask PostAsync<TArgument>(TKey key, TArgument argument, Action<TState, TArgument> act, CancellationToken cancellationToken) =>
        _shards.PostAsync(ShardOf(key), new Post<TArgument>(this, key, argument, act), cancellationToken);

    /// <summary>Runs <paramref name="ask"/> on the key's row and gives its answer. Not from inside a shard.</summary>
    /// <exception cref="InvalidOperationException">The table is full and the key is new.</exception>
    public async ValueTask<TAnswer> AskAsync<TAnswer>(TKey key, Func<TState, TAnswer> ask, CancellationToken cancellationToken)
    {
        var question = new Question<TAnswer>(this, key, ask);
        await _shards.PostAsync(ShardOf(key), question, cancellationToken);
        return await question.Answer.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Walks all rows, each shard in its own loop: to merge counters once a second, or to drop idle rows. Rows for which
    /// <paramref name="keep"/> says false are removed. Completes when every shard has been walked.
    /// </summary>
    public async Task SweepAsync(Func<TKey, TState, bool> keep, CancellationToken cancellationToken)
    {
        var walks = new Task[_rows.Length];
        for (var i = 0; i < walks.Length; i++)
        {
            var walk = new Walk(_rows[i], keep);
            await _shards.PostAsync(i, walk, cancellationToken);
            walks[i] = walk.Done;
        }

        await Task.WhenAll(walks).WaitAsync(cancellationToken);
    }

    private int ShardOf(TKey key)
    {
        var hash = (uint)_rows[0].Comparer.GetHashCode(key);

        // Hashes of integers are the integers: mix, so that neighbours spread.
        hash ^= hash >> 16;
        hash *= 0x7feb352d;
        hash ^= hash >> 15;
        hash *= 0x846ca68b;
        hash ^= hash >> 16;
        return (int)(hash % ShardLoops.Count);
    }

    private TState? RowOf(TKey key)
    {
        var rows = _rows[ShardOf(key)];
        if (!rows.TryGetValue(key, out var row))
        {
            if (rows.Count >= _shards.Options.RowsPerShard)
            {
                ShardLoops.CountRefused();
                return null;
            }

            rows.Add(key, row = _create(key));
        }

        return row;
    }

    private sealed class Post<TArgument>(ShardTable<TKey, TState> table, TKey key, TArgument argument, Action<TState, TArgument> act) : IShardWork
    {
        public void Run()
        {
            if (table.RowOf(key) is { } row)
            {
                act(row, argument);
            }
        }
    }

    private sealed class Question<TAnswer>(ShardTable<TKey, TState> table, TKey key, Func<TState, TAnswer> ask) : IShardWork
    {
        private readonly TaskCompletionSource<TAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TAnswer> Answer => _answer.Task;

        public void Run()
        {
            try
            {
                var row = table.RowOf(key) ?? throw new InvalidOperationException($"the shard of {key} has no room for another row");
                _answer.SetResult(ask(row));
            }
            catch (Exception fault)
            {
                _answer.SetException(fault);
            }
        }
    }

    private sealed class Walk(Dictionary<TKey, TState> rows, Func<TKey, TState, bool> keep) : IShardWork
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public void Run()
        {
            try
            {
                // A dictionary allows removal while it is walked.
                foreach (var (key, row) in rows)
                {
                    if (!keep(key, row))
                    {
                        rows.Remove(key);
                    }
                }

                _done.SetResult();
            }
            catch (Exception fault)
            {
                _done.SetException(fault);
            }
        }
    }
}
