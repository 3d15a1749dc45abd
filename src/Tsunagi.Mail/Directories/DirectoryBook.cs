using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Directories;

/// <summary>Keeps which directories there are, their passwords sealed, and how their readings went. What goes wrong is told once, and so is its end.</summary>
internal sealed class DirectoryBook(Stores stores, ISecretBox secrets, ChangeRecorder changes, Outbox outbox, TimeProvider time)
{
    private const string Purpose = "mail.directory";
    private const int MostDue = 100;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);

    public static readonly TenantQuery All = new("mail.directory.all", $$"""SELECT {{CustomerDirectory.Columns}} FROM mail_directory WHERE {tenant} ORDER BY subscription_id""");

    public static readonly TenantQuery BySubscription = new("mail.directory.by-subscription", $$"""SELECT {{CustomerDirectory.Columns}} FROM mail_directory WHERE {tenant} AND subscription_id = @Id""");

    public ValueTask<IReadOnlyList<CustomerDirectory>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<CustomerDirectory>(All, null, cancellationToken);

    public ValueTask<CustomerDirectory?> FindAsync(Caller caller, string subscription, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<CustomerDirectory>(BySubscription, new { Id = subscription }, cancellationToken);

    /// <summary>Directories whose time has come.</summary>
    public ValueTask<IReadOnlyList<CustomerDirectory>> DueAsync(CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<CustomerDirectory>(
            $"SELECT {CustomerDirectory.Columns} FROM mail_directory WHERE next_at <= @Now ORDER BY next_at, subscription_id LIMIT {MostDue}", new { Now = time.NowMicros() }),
        cancellationToken);

    /// <summary>The password as it was given; empty when there is none.</summary>
    /// <exception cref="DirectoryException">It cannot be read any more.</exception>
    public async ValueTask<string> PasswordAsync(CustomerDirectory directory, CancellationToken cancellationToken)
    {
        var box = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT sealed FROM mail_directory WHERE subscription_id = @SubscriptionId", directory), cancellationToken);
        if (string.IsNullOrEmpty(box))
        {
            return "";
        }

        return await secrets.UnprotectAsync(directory.TenantPath, Purpose, Convert.FromBase64String(box), cancellationToken) is { } plain
            ? System.Text.Encoding.UTF8.GetString(plain)
            : throw new DirectoryException("the directory's password cannot be read any more: give it anew");
    }

    /// <summary>Sets a subscription's directory. It is read at once.</summary>
    /// <param name="password">Null keeps the one there is, where the directory and the name stay the same: a password is never sent to a host that it was not given for.</param>
    public async ValueTask<Outcome<CustomerDirectory>> PutAsync(Caller caller, string subscription, string tenantPath, DirectorySettings settings, string? password, CancellationToken cancellationToken)
    {
        if (settings.Check() is { } wrong)
        {
            return wrong;
        }

        var before = await FindAsync(caller, subscription, cancellationToken);
        var keeps = password is null && before is not null && before.Read() is { } old && old.Url == settings.Url && old.BindName == settings.BindName && old.ClearText == settings.ClearText && old.Authority == settings.Authority;
        if (settings.BindName.Length > 0 && string.IsNullOrEmpty(password) && !keeps)
        {
            return Refusal.Invalid("mail.directory.password", "password", "a name to sign in with needs its password, and again when the directory, its certificate or the name is another", "the password of bindName");
        }

        var box = string.IsNullOrEmpty(password) ? "" : Convert.ToBase64String(await secrets.ProtectAsync(tenantPath, Purpose, System.Text.Encoding.UTF8.GetBytes(password), cancellationToken));
        var now = time.NowMicros();
        var after = new CustomerDirectory(subscription, tenantPath, JsonSerializer.Serialize(settings, CustomerDirectory.Json), now, caller.ActorName, now, before?.TriedAt ?? 0, before?.ReadAt ?? 0, 0, "", 0, 0, 0);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO mail_directory ({CustomerDirectory.Columns}, sealed)
                    VALUES (@SubscriptionId, @TenantPath, @Settings, @UpdatedAt, @UpdatedBy, @NextAt, @TriedAt, @ReadAt, 0, '', 0, 0, 0, @Box)
                    ON CONFLICT (subscription_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at, updated_by = excluded.updated_by, next_at = excluded.next_at,
                      failures = 0, problem = '', problem_at = 0, asks = 0, sealed = CASE WHEN @Keeps = 1 THEN mail_directory.sealed ELSE excluded.sealed END
                    """,
                    new { after.SubscriptionId, after.TenantPath, after.Settings, after.UpdatedAt, after.UpdatedBy, after.NextAt, after.TriedAt, after.ReadAt, Box = box, Keeps = keeps ? 1L : 0L });
                await changes.RecordAsync(transaction, caller, "mail.directory.set", subscription, tenantPath, before?.Read(), settings);
                return true;
            },
            cancellationToken);
        return after;
    }

    /// <summary>Takes a directory away. The list stays as it was last, and is kept by hand from now on.</summary>
    public ValueTask<bool> RemoveAsync(Caller caller, CustomerDirectory directory, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            if (await transaction.ExecuteAsync("DELETE FROM mail_directory WHERE subscription_id = @SubscriptionId", directory) == 0)
            {
                return false;
            }

            await changes.RecordAsync(transaction, caller, "mail.directory.removed", directory.SubscriptionId, directory.TenantPath, directory.Read(), null);
            return true;
        },
        cancellationToken);

    /// <summary>The list is as the directory is.</summary>
    public ValueTask<bool> NoteReadAsync(CustomerDirectory directory, int passedOver, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            var before = await FindAsync(transaction, directory);
            var now = time.NowMicros();
            await transaction.ExecuteAsync(
                "UPDATE mail_directory SET next_at = @Next, tried_at = @Now, read_at = @Now, failures = 0, problem = '', problem_at = 0, asks = 0, passed_over = @PassedOver WHERE subscription_id = @SubscriptionId",
                new { directory.SubscriptionId, Now = now, Next = now + (directory.Read().EveryMinutes * 60_000_000L), PassedOver = (long)passedOver });
            if (before is { Problem.Length: > 0 })
            {
                await TellAsync(transaction, MailEvents.DirectoryBack, directory, new { subscription = directory.SubscriptionId, since = before.ProblemAt });
            }

            return before is not null;
        },
        cancellationToken);

    /// <summary>The list stays as it was, for this reason; it is tried again soon, and then less and less often, at most as seldom as the directory is read at all.</summary>
    /// <param name="asks">How many recipients would go, when a person has to say so; else 0.</param>
    public ValueTask<bool> NoteProblemAsync(CustomerDirectory directory, string problem, long asks, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, directory) is not { } before)
            {
                return false;
            }

            var now = time.NowMicros();
            var every = directory.Read().EveryMinutes * 60_000_000L;
            var wait = Math.Min(every, (long)FirstRetry.TotalMicroseconds << (int)Math.Min(before.Failures, 10));
            await transaction.ExecuteAsync(
                "UPDATE mail_directory SET next_at = @Next, tried_at = @Now, failures = failures + 1, problem = @Problem, problem_at = @Since, asks = @Asks WHERE subscription_id = @SubscriptionId",
                new { directory.SubscriptionId, Now = now, Next = now + wait, Problem = problem, Since = before.ProblemAt > 0 ? before.ProblemAt : now, Asks = asks });
            if (before.Problem.Length == 0 || before.Asks != asks)
            {
                await TellAsync(
                    transaction, asks > 0 ? MailEvents.DirectoryAsks : MailEvents.DirectoryAway, directory,
                    new { subscription = directory.SubscriptionId, directory = directory.Read().Url, problem, removes = asks });
            }

            return true;
        },
        cancellationToken);

    private static ValueTask<CustomerDirectory?> FindAsync(ISqlReader reader, CustomerDirectory directory) =>
        reader.FirstOrDefaultAsync<CustomerDirectory>($"SELECT {CustomerDirectory.Columns} FROM mail_directory WHERE subscription_id = @SubscriptionId", directory);

    private ValueTask TellAsync(ISqlTransaction transaction, string type, CustomerDirectory directory, object facts) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), directory.TenantPath, directory.SubscriptionId, JsonSerializer.Serialize(facts)));
}
