using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Idempotency;

/// <summary>
/// Requests that may be sent twice and must act once: same key and content, the stored answer; same key, other content, a conflict.
/// <see cref="RunAsync"/> is for an effect inside the control store (exactly once). <see cref="BeginAsync"/> with <see cref="EndAsync"/> is for one
/// that is more than a transaction: once, unless the node dies between effect and end.
/// </summary>
/// <remarks>The scope keeps parties apart: the tenant, the caller's actor id and the route, or the name of a usage source.</remarks>
public sealed class IdempotencyKeys(IStore control, IdempotencyOptions options, TimeProvider time)
{
    /// <summary>Runs <paramref name="act"/> and stores its answer in one transaction, or answers from what is stored.</summary>
    /// <param name="owner">Whose key it is: what is remembered for one is limited.</param>
    /// <param name="requestHash">Hash of the request's content.</param>
    public async ValueTask<IdempotencyResult> RunAsync(
        string owner, string scope, string key, string requestHash, Func<ISqlTransaction, ValueTask<IdempotentAnswer>> act, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return await control.WriteAsync(
            async transaction =>
            {
                var begun = await BeginAsync(transaction, owner, scope, key, requestHash);
                if (begun.Verdict != IdempotencyVerdict.New)
                {
                    return begun;
                }

                var answer = await act(transaction);
                await EndAsync(transaction, scope, key, requestHash, answer);
                return new IdempotencyResult(IdempotencyVerdict.New, answer);
            },
            cancellationToken);
    }

    /// <summary>Marks a request as running. On <see cref="IdempotencyVerdict.New"/> the caller runs it and then ends or forgets it.</summary>
    public ValueTask<IdempotencyResult> BeginAsync(string owner, string scope, string key, string requestHash, CancellationToken cancellationToken)
    {
        CheckKey(key);
        return control.WriteAsync(transaction => BeginAsync(transaction, owner, scope, key, requestHash), cancellationToken);
    }

    /// <summary>Stores the answer of a request that was begun.</summary>
    public async ValueTask EndAsync(string scope, string key, string requestHash, IdempotentAnswer answer, CancellationToken cancellationToken) =>
        await control.WriteAsync(transaction => EndAsync(transaction, scope, key, requestHash, answer), cancellationToken);

    /// <summary>Gives a begun request's key back: it failed without effect and may be sent again.</summary>
    public async ValueTask ForgetAsync(string scope, string key, CancellationToken cancellationToken) =>
        await control.WriteAsync(
            transaction => transaction.ExecuteAsync("DELETE FROM idempotency_key WHERE scope = @scope AND key = @key AND status IS NULL", new { scope, key }),
            cancellationToken);

    /// <summary>Drops keys older than their retention; returns how many.</summary>
    public ValueTask<int> ForgetOldAsync(CancellationToken cancellationToken)
    {
        var before = time.NowMicros() - Micros(options.Retention);
        return control.WriteAsync(transaction => transaction.ExecuteAsync("DELETE FROM idempotency_key WHERE begun_at < @before", new { before }), cancellationToken);
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private async ValueTask<IdempotencyResult> BeginAsync(ISqlTransaction transaction, string owner, string scope, string key, string requestHash)
    {
        var now = time.NowMicros();
        var parameters = new { owner, scope, key, requestHash, now, expired = now - Micros(options.Retention), abandoned = now - Micros(options.Abandoned) };
        await transaction.ExecuteAsync("DELETE FROM idempotency_key WHERE scope = @scope AND key = @key AND begun_at < @expired", parameters);
        if (await transaction.ExecuteAsync(
            """
            INSERT INTO idempotency_key (owner, scope, key, request_hash, begun_at) VALUES (@owner, @scope, @key, @requestHash, @now)
            ON CONFLICT (scope, key) DO UPDATE SET begun_at = excluded.begun_at
                WHERE idempotency_key.status IS NULL AND idempotency_key.request_hash = excluded.request_hash AND idempotency_key.begun_at < @abandoned
            """,
            parameters) == 1)
        {
            return await KeptWithinLimitAsync(transaction, parameters);
        }

        var row = await transaction.FirstOrDefaultAsync<Row>("SELECT request_hash, status, answer FROM idempotency_key WHERE scope = @scope AND key = @key", parameters);
        return row!.RequestHash != requestHash ? new IdempotencyResult(IdempotencyVerdict.Conflict, null)
            : row.Status is { } status ? new IdempotencyResult(IdempotencyVerdict.Replayed, new IdempotentAnswer(status, row.Answer ?? ""))
            : new IdempotencyResult(IdempotencyVerdict.Running, null);
    }

    /// <summary>A key that would be one too many is taken out again; those past their retention do not count.</summary>
    private async ValueTask<IdempotencyResult> KeptWithinLimitAsync(ISqlTransaction transaction, object parameters)
    {
        var kept = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM idempotency_key WHERE owner = @owner AND begun_at >= @expired", parameters);
        if (kept <= options.MaxKeysPerOwner)
        {
            return new IdempotencyResult(IdempotencyVerdict.New, null);
        }

        await transaction.ExecuteAsync("DELETE FROM idempotency_key WHERE scope = @scope AND key = @key", parameters);
        return new IdempotencyResult(IdempotencyVerdict.Full, null);
    }

    private async ValueTask<int> EndAsync(ISqlTransaction transaction, string scope, string key, string requestHash, IdempotentAnswer answer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(answer.Body.Length, options.MaxAnswerChars, nameof(answer));
        return await transaction.ExecuteAsync(
            "UPDATE idempotency_key SET status = @Status, answer = @Body WHERE scope = @scope AND key = @key AND request_hash = @requestHash",
            new { scope, key, requestHash, answer.Status, answer.Body });
    }

    private void CheckKey(string key) => ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, options.MaxKeyChars, nameof(key));

    private sealed record Row(string RequestHash, int? Status, string? Answer);
}
