using System.Text.Json;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Accounts;

/// <summary>Makes and changes billing accounts. Once something is issued, what its months are made of (closing day, first month) stays.</summary>
public sealed class AccountOrders(Stores stores, AccountBook book, TenantDirectory tenants, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    private const int MaxAddress = 500;

    public async ValueTask<Outcome<BillingAccount>> AddAsync(Caller caller, NewBillingAccount wanted, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, wanted.TenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId);
        }

        var from = wanted.BillFrom ?? BillingPeriod.Containing(tenant.CreatedAt, tenant.TimeZone, wanted.ClosingDay is >= 1 and <= 31 and { } day ? day : BillingPeriod.MonthEnd).Name;
        var account = new BillingAccount(
            Id.New("ba", time), tenant.TenantPath, tenant.Id, wanted.Name ?? tenant.Name, Some(wanted.Attention), Some(wanted.PostalCode), wanted.Address ?? "", wanted.Country ?? "JP",
            Some(wanted.RegistrationNumber), Some(wanted.Email), Some(wanted.PurchaseOrder), wanted.Locale ?? tenant.Locale, tenant.TimeZone, tenant.Currency,
            wanted.TaxProfile ?? (tenant.Currency == "JPY" ? "jp" : "none"), wanted.PaymentTerms ?? options.PaymentTerms, wanted.ClosingDay ?? BillingPeriod.MonthEnd, from,
            wanted.AdvanceFrom ?? from, JsonSerializer.Serialize(wanted.ExternalRefs ?? new Dictionary<string, string>()), 1, time.NowMicros(), wanted.NeverSuspend ? 1 : 0);
        if ((Check(account) ?? CheckRefs(wanted.ExternalRefs)) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<BillingAccount>>(
            async transaction =>
            {
                var added = await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO bo_account ({BillingAccount.Columns})
                    VALUES (@Id, @TenantPath, @TenantId, @Name, @Attention, @PostalCode, @Address, @Country, @RegistrationNumber, @Email, @PurchaseOrder, @Locale, @TimeZone, @Currency, @TaxProfile,
                      @PaymentTerms, @ClosingDay, @BillFrom, @AdvanceFrom, @ExternalRefs, @Version, @CreatedAt, @NeverSuspend) ON CONFLICT (tenant_id) DO NOTHING
                    """,
                    account);
                if (added == 0)
                {
                    return Refusal.Conflict("backoffice.account.there", $"the tenant {tenant.Id} has a billing account already", "tenantId");
                }

                await changes.RecordAsync(transaction, caller, BackOfficeEvents.AccountCreated, account.Id, account.TenantPath, null, account);
                return account;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<BillingAccount>> ChangeAsync(Caller caller, string id, BillingAccountChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await book.FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("billing account", id);
        }

        var after = before with
        {
            Name = wanted.Name ?? before.Name, Attention = Or(wanted.Attention, before.Attention), PostalCode = Or(wanted.PostalCode, before.PostalCode), Address = wanted.Address ?? before.Address,
            Country = wanted.Country ?? before.Country, RegistrationNumber = Or(wanted.RegistrationNumber, before.RegistrationNumber), Email = Or(wanted.Email, before.Email),
            PurchaseOrder = Or(wanted.PurchaseOrder, before.PurchaseOrder), Locale = wanted.Locale ?? before.Locale, TaxProfile = wanted.TaxProfile ?? before.TaxProfile,
            PaymentTerms = wanted.PaymentTerms ?? before.PaymentTerms, ClosingDay = wanted.ClosingDay ?? before.ClosingDay, BillFrom = wanted.BillFrom ?? before.BillFrom,
            AdvanceFrom = wanted.AdvanceFrom ?? before.AdvanceFrom, ExternalRefs = wanted.ExternalRefs is null ? before.ExternalRefs : JsonSerializer.Serialize(wanted.ExternalRefs),
            NeverSuspend = wanted.NeverSuspend is { } never ? (never ? 1 : 0) : before.NeverSuspend, Version = before.Version + 1,
        };
        if ((Check(after) ?? CheckRefs(wanted.ExternalRefs)) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<BillingAccount>>(
            async transaction =>
            {
                var current = await transaction.FirstOrDefaultAsync<long>("SELECT version FROM bo_account WHERE id = @Id", new { before.Id });
                if (current != before.Version || (ifVersion ?? current) != current)
                {
                    return Refusal.Stale(current);
                }

                var months = (after.ClosingDay, after.BillFrom, after.AdvanceFrom) != (before.ClosingDay, before.BillFrom, before.AdvanceFrom);
                if (months && await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM bo_line WHERE account_id = @Id", new { before.Id }) > 0)
                {
                    return Refusal.Conflict("backoffice.account.billed", "the account was billed already: its closing day and first months stay as they were", "closingDay");
                }

                await transaction.ExecuteAsync(
                    """
                    UPDATE bo_account SET name = @Name, attention = @Attention, postal_code = @PostalCode, address = @Address, country = @Country, registration_number = @RegistrationNumber,
                      email = @Email, purchase_order = @PurchaseOrder, locale = @Locale, tax_profile = @TaxProfile, payment_terms = @PaymentTerms, closing_day = @ClosingDay,
                      bill_from = @BillFrom, advance_from = @AdvanceFrom, external_refs = @ExternalRefs, never_suspend = @NeverSuspend, version = @Version WHERE id = @Id
                    """,
                    after);
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.AccountChanged, after.Id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    private static Refusal? Check(BillingAccount account)
    {
        if (!IsLine(account.Name, 200) || account.Name.Length == 0)
        {
            return Refusal.Invalid("backoffice.account.name", "name", "the name is empty, too long, or holds control characters", "1 to 200 characters");
        }

        foreach (var (field, value, longest) in new[] { ("attention", account.Attention, 200), ("postalCode", account.PostalCode, 12), ("registrationNumber", account.RegistrationNumber, 20), ("email", account.Email, 254), ("purchaseOrder", account.PurchaseOrder, 60) })
        {
            if (value is not null && !IsLine(value, longest))
            {
                return Refusal.Invalid("backoffice.account.text", field, $"{field} is too long or holds control characters", $"at most {longest} characters");
            }
        }

        if (account.Address.Length > MaxAddress || account.Address.Any(static c => char.IsControl(c) && c is not ('\n' or '\r')))
        {
            return Refusal.Invalid("backoffice.account.text", "address", "the address is too long or holds control characters", $"lines of together at most {MaxAddress} characters");
        }

        if (account.Country.Length != 2 || !account.Country.All(char.IsAsciiLetterUpper))
        {
            return Refusal.Invalid("backoffice.account.country", "country", $"\"{account.Country}\" is no country", "two letters of ISO 3166");
        }

        if (account.Locale is not ("en" or "ja"))
        {
            return Refusal.Invalid("backoffice.account.locale", "locale", $"invoices are not written in {account.Locale}", "en, ja");
        }

        return CheckTerms(account);
    }

    private static Refusal? CheckTerms(BillingAccount account)
    {
        if (TaxProfile.Find(account.TaxProfile) is null)
        {
            return Refusal.Invalid("backoffice.account.tax", "taxProfile", $"there is no tax profile {account.TaxProfile}", string.Join(", ", TaxProfile.All.Select(static profile => profile.Id)));
        }

        if (!Accounts.PaymentTerms.TryParse(account.PaymentTerms, out _))
        {
            return Refusal.Invalid("backoffice.account.terms", "paymentTerms", $"\"{account.PaymentTerms}\" are no payment terms", "net:0 to net:365 (days), eom:0 to eom:12 (months)");
        }

        if (account.ClosingDay is < 1 or > BillingPeriod.MonthEnd)
        {
            return Refusal.Invalid("backoffice.account.closing", "closingDay", $"the closing day is {account.ClosingDay}", "1 to 31; 31 is every month's last day");
        }

        var from = BillingPeriod.Parse(account.BillFrom, account.TimeZone);
        var advance = BillingPeriod.Parse(account.AdvanceFrom, account.TimeZone);
        return from.Ok && advance.Ok ? null : Refusal.Invalid("backoffice.account.from", from.Ok ? "advanceFrom" : "billFrom", "this is not a month", "YYYY-MM");
    }

    private static Refusal? CheckRefs(IReadOnlyDictionary<string, string>? refs) =>
        refs is not null && (refs.Count > 20 || refs.Any(static pair => pair.Key.Length is 0 or > 60 || pair.Value.Length is 0 or > 200))
            ? Refusal.Invalid("backoffice.account.refs", "externalRefs", "a reference is empty or too long, or there are too many", "at most 20; names of 1 to 60, values of 1 to 200 characters")
            : null;

    private static bool IsLine(string text, int longest) => text.Length <= longest && !text.Any(char.IsControl);

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? Or(string? wanted, string? before) => wanted is null ? before : Some(wanted);
}
