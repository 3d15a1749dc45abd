using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Teach;

/// <summary>
/// Keeps what was said of messages, tenant by tenant. One person's word about one message stands once: saying it again changes nothing, saying the opposite takes its place. What several people say of one message is summed;
/// a message of which as many say the one as the other is no example. A tenant has at most <see cref="FilterOptions.TaughtExamples"/>: one more makes the oldest go, with its words, and that there are so many is told once.
/// </summary>
internal sealed class TaughtBook(Stores stores, ChangeRecorder changes, FilterOptions options, TimeProvider time)
{
    /// <summary>Of the hint that a tenant's examples changed.</summary>
    public const string Channel = "mail_taught";

    /// <summary>Purpose of the tenant's key: destroying it takes all examples away.</summary>
    public const string Purpose = "mail.classifier";

    private const long TokensVersion = MessageTokens.Version;

    /// <summary>What a person said of a message; null for nothing. Only after the message itself was found in the caller's part of the tree.</summary>
    public async ValueTask<bool?> WordOfAsync(string tenantPath, string message, string person, CancellationToken cancellationToken)
    {
        var word = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Word>(
                "SELECT is_spam FROM mail_taught_word WHERE tenant_path = @Path AND message_id = @Message AND person = @Person", new { Path = tenantPath, Message = message, Person = person }),
            cancellationToken);
        return word is null ? null : word.IsSpam != 0;
    }

    /// <summary>The features of the message are here already, of the tokens that are made today: its content need not be.</summary>
    public async ValueTask<bool> KnowsAsync(string tenantPath, string message, CancellationToken cancellationToken) =>
        await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<long>(
                "SELECT count(*) FROM mail_taught_example WHERE tenant_path = @Path AND message_id = @Message AND version = @Version", new { Path = tenantPath, Message = message, Version = TokensVersion }),
            cancellationToken) > 0;

    /// <summary>Enters a word. Null when the message is no example yet and <paramref name="vector"/> does not bring it.</summary>
    /// <param name="person">Who says it: a user's id, or a recipient's address.</param>
    /// <param name="vector">The features, encrypted, in base64; null where they are known.</param>
    public async ValueTask<Taught?> SayAsync(Caller caller, string person, string tenantPath, string message, bool isSpam, string? vector, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync<Taught?>(
            async transaction =>
            {
                var key = new { Path = tenantPath, Message = message, Person = person, IsSpam = isSpam ? 1L : 0L, At = time.NowMicros(), Vector = vector };
                var before = await transaction.FirstOrDefaultAsync<Word>("SELECT is_spam FROM mail_taught_word WHERE tenant_path = @Path AND message_id = @Message AND person = @Person", key);
                var model = await transaction.FirstOrDefaultAsync<Model>("SELECT examples, full_at FROM mail_taught_model WHERE tenant_path = @Path", key) ?? new Model(0, 0);
                if (before is not null && before.IsSpam == key.IsSpam)
                {
                    return new Taught(message, tenantPath, isSpam, false, model.Examples, options.TaughtExamples);
                }

                var isKnown = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_taught_example WHERE tenant_path = @Path AND message_id = @Message", key) > 0;
                if (!isKnown && vector is null)
                {
                    return null;
                }

                var revision = await transaction.FirstOrDefaultAsync<long>("UPDATE mail_taught_head SET revision = revision + 1 WHERE one = 1 RETURNING revision");
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_taught_word (tenant_path, message_id, person, is_spam, said_at) VALUES (@Path, @Message, @Person, @IsSpam, @At)
                    ON CONFLICT (tenant_path, message_id, person) DO UPDATE SET is_spam = excluded.is_spam, said_at = excluded.said_at
                    """,
                    key);
                if (vector is not null)
                {
                    await transaction.ExecuteAsync(
                        """
                        INSERT INTO mail_taught_example (tenant_path, message_id, seq, votes, version, vector) VALUES (@Path, @Message, @Seq, 0, @Version, @Vector)
                        ON CONFLICT (tenant_path, message_id) DO UPDATE SET version = excluded.version, vector = excluded.vector
                        """,
                        new { key.Path, key.Message, Seq = revision, Version = TokensVersion, Vector = vector });
                }

                await transaction.ExecuteAsync(
                    """
                    UPDATE mail_taught_example SET votes = (
                      SELECT sum(2 * w.is_spam - 1) FROM mail_taught_word w WHERE w.tenant_path = mail_taught_example.tenant_path AND w.message_id = mail_taught_example.message_id)
                    WHERE tenant_path = @Path AND message_id = @Message
                    """,
                    key);
                var examples = await FitAsync(transaction, tenantPath);
                await WriteModelAsync(transaction, caller, tenantPath, model, revision, examples);
                await changes.RecordAsync(
                    transaction, caller, "mail.classifier.taught", message, tenantPath, before is null ? null : new { spam = before.IsSpam != 0 }, new { spam = isSpam },
                    JsonSerializer.Serialize(new { said = isSpam ? "spam" : "not-spam" }));
                transaction.OnCommitted(() => stores.Control.Hints.Raise(Channel));
                return new Taught(message, tenantPath, isSpam, true, examples, options.TaughtExamples);
            },
            cancellationToken);

    /// <summary>Tenants whose examples changed behind a number, in the order of their numbers.</summary>
    public ValueTask<IReadOnlyList<Changed>> ChangedAsync(long revision, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<Changed>("SELECT tenant_path, revision FROM mail_taught_model WHERE revision > @Revision ORDER BY revision", new { Revision = revision }), cancellationToken);

    /// <summary>A tenant's examples in a steady order, those that are as much the one as the other left away, and those of another version of tokens.</summary>
    public ValueTask<IReadOnlyList<Example>> ExamplesAsync(string tenantPath, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<Example>("SELECT vector, votes FROM mail_taught_example WHERE tenant_path = @Path AND votes <> 0 AND version = @Version ORDER BY seq", new { Path = tenantPath, Version = TokensVersion }), cancellationToken);

    // The oldest make room.
    private async ValueTask<long> FitAsync(ISqlTransaction transaction, string tenantPath)
    {
        var count = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_taught_example WHERE tenant_path = @Path", new { Path = tenantPath });
        if (count <= options.TaughtExamples)
        {
            return count;
        }

        var oldest = await transaction.QueryAsync<Oldest>(
            "SELECT message_id FROM mail_taught_example WHERE tenant_path = @Path ORDER BY seq LIMIT @Over", new { Path = tenantPath, Over = count - options.TaughtExamples });
        foreach (var one in oldest)
        {
            var key = new { Path = tenantPath, Message = one.MessageId };
            await transaction.ExecuteAsync("DELETE FROM mail_taught_word WHERE tenant_path = @Path AND message_id = @Message", key);
            await transaction.ExecuteAsync("DELETE FROM mail_taught_example WHERE tenant_path = @Path AND message_id = @Message", key);
        }

        return options.TaughtExamples;
    }

    private async ValueTask WriteModelAsync(ISqlTransaction transaction, Caller caller, string tenantPath, Model before, long revision, long examples)
    {
        var isFull = examples >= options.TaughtExamples;
        await transaction.ExecuteAsync(
            """
            INSERT INTO mail_taught_model (tenant_path, revision, examples, full_at) VALUES (@Path, @Revision, @Examples, @FullAt)
            ON CONFLICT (tenant_path) DO UPDATE SET revision = excluded.revision, examples = excluded.examples, full_at = excluded.full_at
            """,
            new { Path = tenantPath, Revision = revision, Examples = examples, FullAt = !isFull ? 0L : before.FullAt != 0 ? before.FullAt : time.NowMicros() });
        if (isFull && before.FullAt == 0)
        {
            await changes.RecordAsync(
                transaction, caller, "mail.classifier.full", tenantPath.TrimEnd('/').Split('/')[^1], tenantPath, new { before.Examples }, new { examples },
                JsonSerializer.Serialize(new { examples, most = options.TaughtExamples }));
        }
    }

    internal sealed record Changed(string TenantPath, long Revision);

    internal sealed record Example(string Vector, long Votes);

    private sealed record Word(long IsSpam);

    private sealed record Model(long Examples, long FullAt);

    private sealed record Oldest(string MessageId);
}
