using System.Text.Json;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Orders;

/// <summary>
/// The life of a quote: the provider's people make a draft, change and send it; the customer, or they in his name, accept or reject it; it expires by itself. What is sent is never changed: its
/// prices stand until its last day is over. An acceptance is one transaction with the order it makes.
/// </summary>
internal sealed class QuoteOrders(Stores stores, OrderBook book, ItemPricer pricer, ProductOrders orders, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    public const int MaxReason = 500;

    public async ValueTask<Outcome<Quote>> AddAsync(Caller caller, NewQuote wanted, CancellationToken cancellationToken)
    {
        var made = await MakeAsync(caller, wanted, true, cancellationToken);
        if (!made.Ok)
        {
            return made.Refusal;
        }

        var quote = made.Value with { Id = Id.New("qt", time), MadeBy = caller.ActorName };
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var number = await InvoiceIssuer.TakeNumbersAsync(transaction, "quote:" + options.QuoteSeries, 1);
                quote = quote with { Number = InvoiceIssuer.NumberOf(options.QuoteSeries, number), MadeAt = time.NowMicros() };
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO bo_quote (id, tenant_path, tenant_id, account_id, number, state, currency, title, note, price_date, valid_until, expires_at, wanted, items, once_minor, monthly_minor, version,
                      made_by, made_at)
                    VALUES (@Id, @TenantPath, @TenantId, @AccountId, @Number, @State, @Currency, @Title, @Note, @PriceDate, @ValidUntil, @ExpiresAt, @Wanted, @Items, @OnceMinor, @MonthlyMinor, @Version,
                      @MadeBy, @MadeAt)
                    """,
                    quote);
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.QuoteMade, quote.Id, caller.Scope.Path, null, quote, Facts(quote));
                return true;
            },
            cancellationToken);
        return quote;
    }

    /// <summary>Puts other content in a draft's place.</summary>
    public async ValueTask<Outcome<Quote>> ChangeAsync(Caller caller, string id, NewQuote wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        if (await book.QuoteAsync(caller, id, cancellationToken) is not { } before)
        {
            return Refusal.NotFound("quote", id);
        }

        if (wanted.TenantId != before.TenantId)
        {
            return Refusal.Invalid("backoffice.quote.tenant", "tenantId", "a quote stays whose it is; make another one for another customer", before.TenantId);
        }

        var made = await MakeAsync(caller, wanted, true, cancellationToken);
        return made.Ok ? await MoveAsync(caller, before, ifVersion, QuoteState.Draft, BackOfficeEvents.QuoteChanged, made.Value with { Id = before.Id, Number = before.Number, MadeBy = before.MadeBy, MadeAt = before.MadeAt, Version = before.Version + 1 }, null, cancellationToken) : made.Refusal;
    }

    /// <summary>Sends a draft: it is priced once more by its day and from then on stands.</summary>
    public async ValueTask<Outcome<Quote>> SendAsync(Caller caller, string id, long? ifVersion, CancellationToken cancellationToken)
    {
        if (await book.QuoteAsync(caller, id, cancellationToken) is not { } before)
        {
            return Refusal.NotFound("quote", id);
        }

        var made = await MakeAsync(caller, Wanted(before), false, cancellationToken);
        return made.Ok
            ? await MoveAsync(caller, before, ifVersion, QuoteState.Draft, BackOfficeEvents.QuoteSent, made.Value with
            {
                Id = before.Id, Number = before.Number, MadeBy = before.MadeBy, MadeAt = before.MadeAt, Version = before.Version + 1, State = QuoteState.Sent, SentBy = caller.ActorName, SentAt = time.NowMicros(),
            }, null, cancellationToken)
            : made.Refusal;
    }

    /// <summary>Accepts a sent quote; the order it makes is in the answer.</summary>
    public async ValueTask<Outcome<Quote>> AcceptAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (await book.QuoteAsync(caller, id, cancellationToken) is not { } before)
        {
            return Refusal.NotFound("quote", id);
        }

        var order = orders.Make(before.TenantPath, before.TenantId, before.AccountId, before.Currency, before.Id, null, caller.ActorName);
        return await MoveAsync(
            caller, before, null, QuoteState.Sent, BackOfficeEvents.QuoteAccepted,
            before with { State = QuoteState.Accepted, DecidedBy = caller.ActorName, DecidedAt = time.NowMicros(), OrderId = order.Id, Version = before.Version + 1 },
            async transaction => await orders.InsertAsync(transaction, caller, order, before.ReadItems()), cancellationToken);
    }

    public async ValueTask<Outcome<Quote>> RejectAsync(Caller caller, string id, string reason, CancellationToken cancellationToken)
    {
        if (await book.QuoteAsync(caller, id, cancellationToken) is not { } before)
        {
            return Refusal.NotFound("quote", id);
        }

        return string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReason
            ? Refusal.Invalid("backoffice.quote.reason", "reason", "a rejection needs a reason", $"1 to {MaxReason} characters")
            : await MoveAsync(
                caller, before, null, QuoteState.Sent, BackOfficeEvents.QuoteRejected,
                before with { State = QuoteState.Rejected, DecidedBy = caller.ActorName, DecidedAt = time.NowMicros(), Reason = reason.Trim(), Version = before.Version + 1 }, null, cancellationToken);
    }

    /// <summary>Quotes whose last day is over expire; returns how many.</summary>
    public ValueTask<int> ExpireAsync(Caller system, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            var now = time.NowMicros();
            var over = await transaction.QueryAsync<(string Id, string Path, string Number)>(
                "SELECT id, tenant_path, number FROM bo_quote WHERE state = 'sent' AND expires_at <= @Now ORDER BY id LIMIT 100", new { Now = now });
            foreach (var (id, path, number) in over)
            {
                await transaction.ExecuteAsync("UPDATE bo_quote SET state = 'expired', version = version + 1, decided_at = @Now WHERE id = @Id AND state = 'sent'", new { Now = now, Id = id });
                await changes.RecordAsync(transaction, system, BackOfficeEvents.QuoteExpired, id, path, null, null, JsonSerializer.Serialize(new { number }));
            }

            return over.Count;
        },
        cancellationToken);

    /// <summary>A draft as it was asked for.</summary>
    internal static NewQuote Wanted(Quote quote) => new(
        quote.TenantId, quote.Title, quote.ReadWanted(), quote.Note.Length > 0 ? quote.Note : null, quote.PriceDate.Length > 0 ? quote.PriceDate : null, quote.ValidUntil);

    private async ValueTask<Outcome<Quote>> MakeAsync(Caller caller, NewQuote wanted, bool isDraft, CancellationToken cancellationToken)
    {
        var party = await pricer.PartyAsync(caller, wanted.TenantId, cancellationToken);
        if (!party.Ok)
        {
            return party.Refusal;
        }

        var (account, today) = (party.Value.Account, party.Value.Today);
        var valid = wanted.ValidUntil is { } until ? CivilTime.Parse(until, "validUntil", today, today.AddYears(10)) : today.AddDays(options.QuoteDays);
        var prices = wanted.PriceDate is { } day ? CivilTime.Parse(day, "priceDate", today.AddYears(-10), today) : today;
        if ((valid.Refusal ?? prices.Refusal ?? CheckTexts(wanted)) is { } refusal)
        {
            return refusal;
        }

        var items = await pricer.PriceAsync(caller, party.Value, wanted.Items, prices.Value, isDraft, cancellationToken);
        return items.Ok
            ? new Quote(
                "", party.Value.Tenant.TenantPath, party.Value.Tenant.Id, account.Id, "", QuoteState.Draft, account.Currency, wanted.Title.Trim(), wanted.Note?.Trim() ?? "", wanted.PriceDate ?? "", CivilTime.Text(valid.Value),
                CivilTime.StartOf(valid.Value.AddDays(1), account.TimeZone), StoredJson.Write(wanted.Items), StoredJson.Write(items.Value), checked(items.Value.Sum(static item => item.OnceMinor + item.EarlyMinor)),
                checked(items.Value.Sum(static item => item.MonthlyMinor)), 1, "", 0, null, null, null, null, null, null, party.Value.Tenant.Name)
            : items.Refusal;
    }

    /// <summary>One step of a quote's life: only from its state, only as it was looked at, and a sent one only before it expires.</summary>
    private async ValueTask<Outcome<Quote>> MoveAsync(
        Caller caller, Quote before, long? ifVersion, string from, string act, Quote after, Func<ISqlTransaction, ValueTask>? with, CancellationToken cancellationToken)
    {
        if (before.State != from || (from == QuoteState.Sent && before.ExpiresAt <= time.NowMicros()))
        {
            return Refusal.Conflict("backoffice.quote.state", before.State == QuoteState.Sent ? $"the quote {before.Number} was valid until {before.ValidUntil}" : $"the quote {before.Number} is {before.State}");
        }

        return await stores.Control.WriteAsync<Outcome<Quote>>(
            async transaction =>
            {
                var moved = await transaction.ExecuteAsync(
                    """
                    UPDATE bo_quote SET state = @State, title = @Title, note = @Note, price_date = @PriceDate, valid_until = @ValidUntil, expires_at = @ExpiresAt, wanted = @Wanted, items = @Items,
                      once_minor = @OnceMinor, monthly_minor = @MonthlyMinor, version = @Version, sent_by = @SentBy, sent_at = @SentAt, decided_by = @DecidedBy, decided_at = @DecidedAt, reason = @Reason,
                      order_id = @OrderId WHERE id = @Id AND state = @From AND version = @Expected
                    """,
                    new
                    {
                        after.State, after.Title, after.Note, after.PriceDate, after.ValidUntil, after.ExpiresAt, after.Wanted, after.Items, after.OnceMinor, after.MonthlyMinor, after.Version, after.SentBy, after.SentAt,
                        after.DecidedBy, after.DecidedAt, after.Reason, after.OrderId, after.Id, From = from, Expected = ifVersion ?? before.Version,
                    });
                if (moved == 0)
                {
                    return Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM bo_quote WHERE id = @Id", new { before.Id }));
                }

                if (with is not null)
                {
                    await with(transaction);
                }

                // A draft is nobody's business but the provider's.
                await changes.RecordAsync(transaction, caller, act, after.Id, after.State == QuoteState.Draft ? caller.Scope.Path : after.TenantPath, new { before.State, before.Version }, after, Facts(after), after.Reason);
                return after;
            },
            cancellationToken);
    }

    private static Refusal? CheckTexts(NewQuote wanted) =>
        string.IsNullOrWhiteSpace(wanted.Title) || wanted.Title.Length > 200 || wanted.Title.Any(char.IsControl)
            ? Refusal.Invalid("backoffice.quote.title", "title", "the subject is empty, too long, or holds control characters", "1 to 200 characters")
            : wanted.Note is { Length: > 2_000 }
                ? Refusal.Invalid("backoffice.quote.note", "note", "the note is too long", "up to 2000 characters")
                : null;

    private static string Facts(Quote quote) => JsonSerializer.Serialize(new { number = quote.Number, monthly = quote.MonthlyMinor, once = quote.OnceMinor, quote.Currency });
}
