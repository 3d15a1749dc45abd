using System.Globalization;
using System.Numerics;
using NodaTime;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Rating;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Orders;

/// <summary>
/// Random sequences of orders over half a year, placed, cancelled and done on a real store and billed month by month, against a model that knows only who ordered what on which day and counts in painted
/// days: the sums are equal to the yen.
/// </summary>
public class Orders_against_a_reference
{
    private const string Zone = "Asia/Tokyo";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Any_sequence_of_orders_is_billed_to_the_yen(int part)
    {
        for (var seed = part * 100; seed < (part * 100) + 3; seed++)
        {
            await new Timeline(seed).CheckAsync();
        }
    }

    private sealed class Timeline(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<Life> _lives = [];
        private readonly List<Waiting> _waiting = [];
        private readonly List<FlatPrice[]> _lists = [];
        private DateOnly _today = new(2027, 1, 1);
        private BigInteger _charged;

        public async Task CheckAsync()
        {
            var begin = At(_today, 0, 1);
            await using var world = await BackOfficeWorld.OpenAsync(begin, Zone);
            var (tenant, account) = await world.AddCustomerAsync("Customer");
            await ListAsync(world);
            var after = new DateOnly(2027, 6, 1).AddMonths(_random.Next(2));
            for (; _today < after; _today = _today.AddDays(1))
            {
                world.Time.Advance(At(_today, 0, 1) - world.Time.GetUtcNow());
                if (_today.Day == 1 && _today.Month > 1)
                {
                    await world.BillAsync(Month(_today.AddMonths(-1)));
                    world.Time.Advance(TimeSpan.FromSeconds(1));
                }

                await DoDueAsync(world);
                if (_random.Next(6) == 0)
                {
                    world.Time.Advance(At(_today, _random.Next(1, 23), 0) - world.Time.GetUtcNow());
                    await OneAsync(world, tenant.Id);
                }
            }

            world.Time.Advance(At(_today, 0, 1) - world.Time.GetUtcNow());
            await world.BillAsync(Month(_today.AddMonths(-1)));
            var asked = (await world.DocumentsAsync(account.Id)).Sum(static row => row.NetMinor);
            var wanted = _charged + _lives.Aggregate(BigInteger.Zero, (sum, life) => sum + life.Sum(_today));
            Assert.True(wanted == asked, string.Create(CultureInfo.InvariantCulture, $"seed {seed}: billed {asked}, the reference says {wanted}"));
        }

        private async Task OneAsync(BackOfficeWorld world, string tenant)
        {
            var running = _lives.Where(life => life.End is null && _waiting.All(each => each.Life != life)).ToList();
            var what = _random.Next(running.Count == 0 ? 2 : 8);
            if (what == 0)
            {
                await ListAsync(world);
                return;
            }

            if (what == 7 && _waiting.Count > 0)
            {
                // An order that waits is cancelled: nothing of it happens.
                var gone = _waiting[_random.Next(_waiting.Count)];
                BackOfficeWorld.Value(await world.ProductOrders.CancelAsync(world.Operator, gone.Order, "changed his mind", Cancel));
                _waiting.Remove(gone);
                return;
            }

            var life = running.Count == 0 || what < 3 ? new Life() : running[_random.Next(running.Count)];
            var item = life.Subscription is null ? Added() : what < 6 ? Modified(life) : Ended(life);
            var day = item.RequestedOn is { } text ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture) : _today;
            var order = BackOfficeWorld.Value(await world.ProductOrders.PlaceAsync(world.Operator, new NewOrder(tenant, [item]), Cancel));
            _waiting.Add(new Waiting(order.Id, life, item, day, _today, _lists.Count));
            await DoDueAsync(world);
        }

        private async Task DoDueAsync(BackOfficeWorld world)
        {
            await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel);
            foreach (var due in _waiting.Where(each => each.Day <= _today).OrderBy(static each => each.Order, StringComparer.Ordinal).ToList())
            {
                _waiting.Remove(due);
                Assert.Equal(OrderState.Completed, (await world.OrderBook.OrderAsync(world.Operator, due.Order, Cancel))!.State);
                var row = Assert.Single(await world.OrderBook.ItemsAsync(world.Operator, due.Order, Cancel));
                due.Life.Subscription = row.SubscriptionId;
                if (due.Item.Action == OrderAction.Add)
                {
                    _lives.Add(due.Life);
                }

                _charged += due.Life.Do(due.Item, _today, due.Placed, _lists[due.List - 1]);
            }
        }

        private NewOrderItem Added() => Terms(new NewOrderItem
        {
            Offering = "line", Settings = TestProvider.Settings("hall"), Quantity = _random.Next(1, 4), OnceDiscountPercent = _random.Next(3) == 0 ? 25 : 0,
        });

        private NewOrderItem Modified(Life life)
        {
            var item = new NewOrderItem { Action = OrderAction.Modify, SubscriptionId = life.Subscription, Quantity = _random.Next(2) == 0 ? _random.Next(1, 5) : null };
            return _random.Next(2) == 0 ? item with { Proration = Policy() } : Terms(item) with { ToListPrices = true };
        }

        private NewOrderItem Ended(Life life) => new() { Action = OrderAction.Delete, SubscriptionId = life.Subscription, Proration = Policy(), RequestedOn = Later() };

        private NewOrderItem Terms(NewOrderItem item)
        {
            var minimum = _random.Next(2) == 0 ? _random.Next(1, 8) : 0;
            return item with
            {
                DiscountPercent = _random.Next(2) == 0 ? _random.Next(1, 100) : 0, DiscountMonths = _random.Next(2) == 0 ? _random.Next(1, 4) : null, MinimumMonths = minimum,
                RenewalMonths = minimum > 0 && _random.Next(2) == 0 ? _random.Next(1, 4) : 0, NoticeDays = _random.Next(3) == 0 ? _random.Next(1, 50) : 0, EarlyTerminationPercent = _random.Next(3) switch { 0 => 100, 1 => 0, _ => 33.33m },
                Proration = Policy(), RequestedOn = Later(),
            };
        }

        private Proration? Policy() => _random.Next(3) == 0 ? null : (Proration)_random.Next(4);

        private string? Later() => _random.Next(3) == 0 ? _today.AddDays(_random.Next(0, 40)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

        private async Task ListAsync(BackOfficeWorld world)
        {
            FlatPrice[] list = [new("Line", _random.Next(1_000, 9_000)), new("Care", _random.Next(100, 3_000) / 4m, Charged.Advance, Proration.Full)];
            if (_lists.Count > 0 && _lists[^1][0].Amount == list[0].Amount && _lists[^1][1].Amount == list[1].Amount)
            {
                return;
            }

            _lists.Add(list);
            await world.Provider.AddPlanAsync("line", "JPY", list[0], list[1], new OneTimePrice("Set-up", 5_001));
        }

        private static DateTimeOffset At(DateOnly day, int hour, int second) => new(day.ToDateTime(new TimeOnly(hour, 0, second)), TimeSpan.FromHours(9));

        private static string Month(DateOnly day) => day.ToString("yyyy-MM", CultureInfo.InvariantCulture);
    }

    private sealed record Waiting(string Order, Life Life, NewOrderItem Item, DateOnly Day, DateOnly Placed, int List);

    /// <summary>What one subscription was told to be, day by day.</summary>
    private sealed class Life
    {
        private readonly List<Told> _told = [];
        private long _firstQuantity;
        private decimal _onceDiscount;
        private (DateOnly Begins, int Minimum, int Renewal, int Notice, decimal Percent)? _term;

        public string? Subscription { get; set; }

        public DateOnly? End { get; private set; }

        private Proration? EndPolicy { get; set; }

        /// <returns>What an early end costs.</returns>
        public BigInteger Do(NewOrderItem item, DateOnly today, DateOnly placed, FlatPrice[] list)
        {
            if (item.Action == OrderAction.Delete)
            {
                var ordinary = OrdinaryEnd(today, placed);
                var percent = _term?.Percent ?? 0;
                var stayed = MonthsOf(today, ordinary, ordinary, null);
                (End, EndPolicy) = (today, item.Proration);
                var left = stayed - MonthsOf(today, ordinary, End, EndPolicy);
                return today < ordinary && left > 0 ? PaintedMonths.Rounded(left * new BigInteger(percent * 100), 10_000) : 0;
            }

            var reprices = item.Action == OrderAction.Add || item.ToListPrices || item.DiscountPercent > 0;
            FlatPrice[]? prices = reprices ? [.. list.Select(price => price with { Amount = price.Amount * (100 - item.DiscountPercent) / 100 })] : null;
            if (reprices)
            {
                _told.RemoveAll(told => told.IsOver && told.Day > today);
            }

            _told.Add(new Told(today, item.Quantity ?? (item.Action == OrderAction.Add ? 1 : null), prices, item.Proration, false));
            if (item is { DiscountPercent: > 0, DiscountMonths: { } months })
            {
                _told.Add(new Told(today.AddMonths(months), null, list, Proration.Immediate, true));
            }

            if (item.Action == OrderAction.Add)
            {
                (_firstQuantity, _onceDiscount) = (item.Quantity ?? 1, item.OnceDiscountPercent);
            }

            if (item.MinimumMonths > 0 || item.NoticeDays > 0)
            {
                _term = (today, item.MinimumMonths, item.RenewalMonths, item.NoticeDays, item.EarlyTerminationPercent);
            }

            return 0;
        }

        /// <summary>What was asked in all when every month before a day is billed: those months whole, and the next one in advance.</summary>
        public BigInteger Sum(DateOnly billedTo)
        {
            var sum = PaintedMonths.Rounded(5_001 * _firstQuantity * new BigInteger((100 - _onceDiscount) * 100), 10_000);
            for (var month = new DateOnly(2027, 1, 1); month <= billedTo; month = month.AddMonths(1))
            {
                sum += Painted(month, 1, End, EndPolicy) + (month < billedTo ? Painted(month, 0, End, EndPolicy) : 0);
            }

            return sum;
        }

        private BigInteger MonthsOf(DateOnly from, DateOnly to, DateOnly? end, Proration? policy)
        {
            BigInteger sum = 0;
            for (var month = new DateOnly(from.Year, from.Month, 1); month < to; month = month.AddMonths(1))
            {
                sum += Painted(month, 0, end, policy) + Painted(month, 1, end, policy);
            }

            return sum;
        }

        private long Painted(DateOnly month, int price, DateOnly? end, Proration? policy)
        {
            var (quantity, prices) = (1L, Array.Empty<FlatPrice>());
            var terms = new List<MonthTerms>();
            foreach (var told in _told.Select((each, i) => (each, i)).OrderBy(static pair => pair.each.Day).ThenBy(static pair => !pair.each.IsOver).ThenBy(static pair => pair.i).Select(static pair => pair.each))
            {
                if (end is { } over && told.Day >= over && terms.Count > 0)
                {
                    break;
                }

                (quantity, prices) = (told.Quantity ?? quantity, told.Prices ?? prices);
                if (terms.Count > 0)
                {
                    terms[^1] = terms[^1] with { To = told.Day };
                }

                terms.Add(new MonthTerms(prices, quantity, told.Day, null) { Begins = told.Policy });
            }

            terms[^1] = terms[^1] with { To = end, Ends = policy };
            return PaintedMonths.Of(terms, each => (FlatPrice)each.Prices[price], month, month.AddMonths(1));
        }

        // Day by day: the first one on which the term and the notice let go.
        private DateOnly OrdinaryEnd(DateOnly wanted, DateOnly given)
        {
            if (_term is not { } term)
            {
                return wanted;
            }

            var day = wanted > given.AddDays(term.Notice) ? wanted : given.AddDays(term.Notice);
            while (!IsFree(day, term))
            {
                day = day.AddDays(1);
            }

            return day;
        }

        private static bool IsFree(DateOnly day, (DateOnly Begins, int Minimum, int Renewal, int Notice, decimal Percent) term) => term.Renewal == 0
            ? day >= term.Begins.AddMonths(term.Minimum)
            : Enumerable.Range(0, 200).Any(n => day == term.Begins.AddMonths(term.Minimum + (n * term.Renewal)));

        private sealed record Told(DateOnly Day, long? Quantity, FlatPrice[]? Prices, Proration? Policy, bool IsOver);
    }
}
