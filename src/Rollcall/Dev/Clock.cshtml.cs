using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Rollcall.Dev;

internal sealed class ClockModel(TimeProvider clock) : PageModel
{
    private const int MostHours = 24 * 366;

    [BindProperty]
    public string? Hours { get; set; }

    public DateTimeOffset Now => clock.GetUtcNow();
    public bool CanMove => clock is DevClock;
    public TimeSpan Ahead => (clock as DevClock)?.Ahead ?? TimeSpan.Zero;
    public string AheadInWords => string.Create(CultureInfo.InvariantCulture, $"{Ahead.TotalHours:0.##} hours");

    public void OnGet()
    {
    }

    public IActionResult OnPost()
    {
        if (clock is not DevClock movable)
            return NotFound();
        if (!int.TryParse(Hours, NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || hours is < 1 or > MostHours)
        {
            ModelState.AddModelError(nameof(Hours), $"Hours must be a whole number between 1 and {MostHours}");
            return Page();
        }
        movable.Forward(TimeSpan.FromHours(hours));
        return RedirectToPage();
    }
}
