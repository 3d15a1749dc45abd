using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Catalogue;

/// <summary>The provider's plans. They belong to the provider, so they carry no tenant: every caller may read what is sold.</summary>
public sealed class Plans(Stores stores, SpecificationCatalogue specifications, ChangeRecorder changes, TimeProvider time)
{
    private const string Columns = "id, specification, code, name_en, name_ja, category, version, created_at";

    public async ValueTask<IReadOnlyList<Plan>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await stores.Control.ReadAsync(static reader => reader.QueryAsync<PlanRow>($"SELECT {Columns} FROM plan ORDER BY code"), cancellationToken)).Select(PlanOf)];

    /// <param name="idOrCode">p_… or the plan's code.</param>
    public async ValueTask<Plan?> FindAsync(string idOrCode, CancellationToken cancellationToken) =>
        await stores.Control.ReadAsync(reader => FindAsync(reader, idOrCode), cancellationToken) is { } row ? PlanOf(row) : null;

    /// <summary>The versions of a plan, newest first.</summary>
    public ValueTask<IReadOnlyList<PlanVersion>> VersionsAsync(string planId, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(
            reader => reader.QueryAsync<PlanVersion>(
                "SELECT plan_id, number, currency, prices, created_at FROM plan_version WHERE plan_id = @Id ORDER BY number DESC", new { Id = planId }),
            cancellationToken);

    /// <summary>
    /// Makes the plan, or, when the code exists and the prices differ, its next version. Running subscriptions keep the version they have.
    /// </summary>
    public async ValueTask<Outcome<Plan>> PutAsync(Caller caller, NewPlan wanted, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "plan.operator", "the catalogue is the provider's: only its operators change it");
        }

        if (Check(wanted) is { } refusal)
        {
            return refusal;
        }

        wanted = wanted with { Prices = PriceRules.Canonical(wanted.Prices) };
        var prices = JsonSerializer.Serialize(wanted.Prices, SettingsJson.Options);
        return await stores.Control.WriteAsync<Outcome<Plan>>(
            async transaction =>
            {
                var before = await transaction.FirstOrDefaultAsync<PlanRow>($"SELECT {Columns} FROM plan WHERE code = @Code", new { wanted.Code });
                return before is null ? await AddAsync(transaction, caller, wanted, prices) : await ChangeAsync(transaction, caller, before, wanted, prices);
            },
            cancellationToken);
    }

    /// <summary>Puts a plan into another category. Its prices and their version stay as they are.</summary>
    public async ValueTask<Outcome<Plan>> ChangeAsync(Caller caller, string idOrCode, ChangedPlan wanted, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "plan.operator", "the catalogue is the provider's: only its operators change it");
        }

        if (wanted.Category is not { } category)
        {
            return Refusal.Invalid("plan.category", "category", "the change names no category", string.Join(", ", OfferingCategories.All.Select(OfferingCategories.Word)));
        }

        return await stores.Control.WriteAsync<Outcome<Plan>>(
            async transaction =>
            {
                if (await FindAsync(transaction, idOrCode) is not { } row)
                {
                    return Refusal.NotFound("plan", idOrCode);
                }

                var before = PlanOf(row);
                if (before.Category == category)
                {
                    return before;
                }

                var after = before with { Category = category };
                await transaction.ExecuteAsync("UPDATE plan SET category = @Category WHERE id = @Id", new { Category = category.Word(), after.Id });
                await changes.RecordAsync(transaction, caller, "plan.changed", after.Id, caller.Scope.Path, new { category = before.Category.Word() }, new { category = category.Word() });
                return after;
            },
            cancellationToken);
    }

    private static ValueTask<PlanRow?> FindAsync(ISqlReader reader, string idOrCode) =>
        reader.FirstOrDefaultAsync<PlanRow>($"SELECT {Columns} FROM plan WHERE id = @Key OR code = @Key", new { Key = idOrCode });

    private Plan PlanOf(PlanRow row) => new(
        row.Id, row.Specification, row.Code, row.NameEn, row.NameJa, OfferingCategories.Find(row.Category) ?? specifications.CategoryOf(row.Specification), row.Version, row.CreatedAt);

    private async ValueTask<Outcome<Plan>> AddAsync(ISqlTransaction transaction, Caller caller, NewPlan wanted, string prices)
    {
        var row = new PlanRow(Id.New("p", time), wanted.Specification, wanted.Code, wanted.NameEn, wanted.NameJa ?? wanted.NameEn, wanted.Category?.Word(), 1, time.NowMicros());
        await transaction.ExecuteAsync($"INSERT INTO plan ({Columns}) VALUES (@Id, @Specification, @Code, @NameEn, @NameJa, @Category, @Version, @CreatedAt)", row);
        var plan = PlanOf(row);
        await AddVersionAsync(transaction, plan, wanted.Currency, prices);
        await changes.RecordAsync(transaction, caller, "plan.created", plan.Id, caller.Scope.Path, null, new { plan, wanted.Prices });
        return plan;
    }

    private async ValueTask<Outcome<Plan>> ChangeAsync(ISqlTransaction transaction, Caller caller, PlanRow before, NewPlan wanted, string prices)
    {
        if (before.Specification != wanted.Specification)
        {
            return Refusal.Conflict("plan.specification", $"the plan {before.Code} sells {before.Specification}; make a new plan to sell {wanted.Specification}", "specification");
        }

        var last = await transaction.FirstOrDefaultAsync<PlanVersion>(
            "SELECT plan_id, number, currency, prices, created_at FROM plan_version WHERE plan_id = @Id AND number = @Version", new { before.Id, before.Version });
        var renamed = before with { NameEn = wanted.NameEn, NameJa = wanted.NameJa ?? wanted.NameEn, Category = wanted.Category?.Word() ?? before.Category };
        var samePrices = last!.Prices == prices && last.Currency == wanted.Currency;
        if (samePrices && renamed == before)
        {
            return PlanOf(before);
        }

        var row = renamed with { Version = samePrices ? before.Version : before.Version + 1 };
        await transaction.ExecuteAsync("UPDATE plan SET name_en = @NameEn, name_ja = @NameJa, category = @Category, version = @Version WHERE id = @Id", row);
        var after = PlanOf(row);
        if (!samePrices)
        {
            await AddVersionAsync(transaction, after, wanted.Currency, prices);
        }

        await changes.RecordAsync(transaction, caller, "plan.changed", after.Id, caller.Scope.Path, last, new { after, wanted.Prices });
        return after;
    }

    private async ValueTask AddVersionAsync(ISqlTransaction transaction, Plan plan, string currency, string prices) =>
        await transaction.ExecuteAsync(
            "INSERT INTO plan_version (plan_id, number, currency, prices, created_at) VALUES (@Id, @Version, @Currency, @Prices, @At)",
            new { plan.Id, plan.Version, Currency = currency, Prices = prices, At = time.NowMicros() });

    private Refusal? Check(NewPlan wanted)
    {
        if (specifications.Find(wanted.Specification) is not { } specification)
        {
            return Refusal.Invalid(
                "plan.specification", "specification", $"no module sells {wanted.Specification}", string.Join(", ", specifications.Specifications.Select(static s => s.Id)));
        }

        if (wanted.Code.Length is 0 or > 60 || wanted.Code.Any(static c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
        {
            return Refusal.Invalid("plan.code", "code", $"the code \"{wanted.Code}\" is not one", "1 to 60 of a-z, 0-9 and -");
        }

        if (Currency.Find(wanted.Currency) is null)
        {
            return Refusal.Invalid("plan.currency", "currency", $"the currency {wanted.Currency} is not known here", string.Join(", ", Currency.All.Select(static c => c.Code)));
        }

        return CheckName(wanted.NameEn, "nameEn") ?? CheckName(wanted.NameJa ?? wanted.NameEn, "nameJa") ?? PriceRules.Check(wanted.Prices, specification, specifications.Meter);
    }

    private static Refusal? CheckName(string name, string field) =>
        string.IsNullOrWhiteSpace(name) || name.Length > 200 || name.Any(char.IsControl)
            ? Refusal.Invalid("plan.name", field, "the name is empty, longer than 200 characters, or holds control characters", "1 to 200 characters")
            : null;

    /// <summary>As it is kept: no category where the plan takes its specification's.</summary>
    private sealed record PlanRow(string Id, string Specification, string Code, string NameEn, string NameJa, string? Category, long Version, long CreatedAt);
}
