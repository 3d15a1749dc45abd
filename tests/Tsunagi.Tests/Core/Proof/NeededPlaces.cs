using System.Text.Json;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Proof;

/// <summary>A module whose subscriptions need something for their place: which, the test says.</summary>
/// <param name="needs">By place ("hall": "shop.example").</param>
internal sealed class NeededPlaces(IReadOnlyDictionary<string, string> needs) : ISubscriptionRule
{
    public ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings) => default;

    public IReadOnlyList<string> NeededBy(string specification, string settings) =>
        specification == LineModule.Specification && needs.TryGetValue(JsonDocument.Parse(settings).RootElement.GetProperty("place").GetString()!, out var need) ? [need] : [];
}
